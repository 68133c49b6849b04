"""What `build.py check --twice` finds, and what it leaves in peace."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from sitegen.model import Failure, Output

if TYPE_CHECKING:
    from running.conftest import Blog

VARYING = {
    "date.today": "import datetime\ndatetime.date.today()",
    "the year alone": "from datetime import datetime\ndatetime.now().year",
    "the month alone": "from datetime import datetime\ndatetime.utcnow().month",
    "the day alone": "from datetime import date\ndate.today().day",
    "the weekday": "from datetime import datetime\nf'{datetime.today():%A}'",
    "the hour": "import time\ntime.localtime().tm_hour",
    "hours and minutes": "import time\ntime.strftime('%H:%M')",
    "the time of another zone": "from datetime import datetime\nfrom zoneinfo import ZoneInfo\ndatetime.now(ZoneInfo('Asia/Seoul')).day",
    "time.time": "import time\nint(time.time() / 86400)",
    "time.ctime": "import time\ntime.ctime()[:10]",
    "time.asctime": "import time\ntime.asctime()[-4:]",
    "time.gmtime": "from time import gmtime\ngmtime().tm_yday",
    "a clock by its number": "import time\ntime.clock_gettime(time.CLOCK_REALTIME) // 86400",
    "a date in a figure": "import datetime\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title(datetime.date.today())",
    "uuid4": "import uuid\nuuid.uuid4()",
    "uuid1": "import uuid\nuuid.uuid1()",
    "os.urandom": "import os\nos.urandom(4)",
    "secrets": "import secrets\nsecrets.token_hex(4)",
    "SystemRandom": "import random\nrandom.SystemRandom().random()",
    "an unseeded generator": "import numpy as np\nnp.random.default_rng().integers(10**9)",
    "the name of a temporary file": "import tempfile\nprint(tempfile.mkdtemp())",
    "the place of the scratch folder": "import os\nhash(os.getcwd())",
    "id": "id(object())",
    "the order of a set of objects": "class Thing: pass\nthings = [Thing() for _ in range(50)]\n[things.index(thing) for thing in set(things)]",
    "a duration": "import time\ntime.perf_counter()",
    "a failure on another day": "from datetime import date\nassert date.today() < date.fromtimestamp({tomorrow}), 'too late'",
}
STEADY = {
    "rng": "rng.normal(), rng.permutation(5)",
    "random": "import random, numpy as np\nrandom.random(), np.random.rand()",
    "a set of words": "list({'ape', 'bear', 'cat', 'dog', 'elk'}), hash('ape')",
    "an address in a repr": "object(), lambda: 1",
    "a fixed date": "from datetime import datetime, timedelta\ntype(datetime(2020, 1, 1) + timedelta(1)), isinstance(datetime.now(), datetime)",
    "a clock that is only read": "import time\nbegun = time.time()\ntime.sleep(0.01)\n0 < time.time() - begun < 5",
    "a figure of dates": "import datetime\nimport matplotlib.pyplot as plt\nplt.plot([datetime.date(2020, 1, day) for day in (1, 2)], [1, 2])",
    "a process": "import subprocess\nsubprocess.run(['true'], check=True, timeout=5).returncode",
    "a temporary file": "import tempfile\nwith tempfile.NamedTemporaryFile() as file: file.write(b'x')",
    "a printed path": "import os\nprint(os.getcwd(), os.path.abspath('x'))",
    "the time zone": "import time\ntime.tzname, time.timezone",
}


def test_what_varies_is_found(blog: Blog) -> None:
    jobs = [
        blog.job("1", code.replace("{tomorrow}", str(time.time() + 86400)), path=f"posts/{number}/index.md")
        for number, code in enumerate(VARYING.values())
    ]
    for what, execution in zip(VARYING, blog.execute(*jobs, twice=True), strict=True):
        assert isinstance(execution.outcome, Failure), what
        assert "when run again" in execution.outcome.message, (what, execution.outcome)
        assert execution.outcome.step == 1, what


def test_what_does_not_vary_is_left_in_peace(blog: Blog) -> None:
    jobs = [blog.job("1", code, path=f"posts/{number}/index.md") for number, code in enumerate(STEADY.values())]
    for what, execution in zip(STEADY, blog.execute(*jobs, twice=True), strict=True):
        assert isinstance(execution.outcome, Output), (what, execution.outcome)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import datetime\nprint('same')\nprint(datetime.date.today().year > 1970, id(1.5) and 'x')", ""),
        ("import os\nprint('same')\nprint('n =', os.urandom(8).hex())", "`n = "),
    ],
)
def test_the_first_line_that_differs_is_told(blog: Blog, code: str, message: str) -> None:
    (execution,) = blog.execute(blog.job(code), twice=True)
    if not message:
        assert isinstance(execution.outcome, Output)
        return
    assert isinstance(execution.outcome, Failure)
    assert execution.outcome.message.count(message) == 2
    assert "same" not in execution.outcome.message
