"""Diagrams are drawn whole or not at all: what would be left out is the browser's to draw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sitegen.errors import Location
from sitegen.model import Diagram, Drawing
from sitegen.store import Store
from sitegen.typesetting.draw import draw
from sitegen.typesetting.katex import Katex

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOW = "flowchart LR\n  A[One] --> B(Two)"
DRAWN = {
    "every shape and line": """graph LR
        A[[sub]] --> B[/para\\] -->|said| D([stadium]) -.-> E((circle)) ==> F(((two))) --- G{{hex}} <--> H[(db)]
        H ~~~ I>flag]""",
    "groups in groups": "flowchart TB\nsubgraph one [First]\ndirection LR\na --> b\nsubgraph two\nc\nend\nend\none --> d",
    "signs that are syntax elsewhere": 'flowchart LR\n A["f(x) = [1, 2] {3} | <b>bold</b> &amp; #quot;so#quot; 50% 한국어"] --> B',
    "names within names": "flowchart LR\n F[f] --> D[df/dx] --> G[f of x] -->|of| H[x]",
    "a sequence with blocks": """sequenceDiagram
        autonumber 5 2
        A->>+B: one
        B-->>-A: two
        par x
          A-)B: three
        and y
          B->>B: four
        end
        critical c
          A->B: five
        option d
          A-->B: six
        end
        Note over A,B: both""",
    "classes": 'classDiagram\nclass A {\n <<abstract>>\n -List~int~ xs\n +run(int n) bool\n}\nA <|-- B : is\nB "1" o-- "many" C',
    "states in states": "stateDiagram-v2\n[*] --> A\nstate B {\n [*] --> C\n}\nA --> B : go",
    "entities with comments": 'erDiagram\n p ||--o{ "Long name" : ""\n p[Person] {\n  int id PK,FK "the key"\n }',
    "a chart": 'xychart-beta\n title "T"\n x-axis [a, b]\n y-axis "y" 0 --> 3\n bar [1, 2]\n line [2, 1]',
    "what is said to screen readers": "---\ntitle: T\n---\nflowchart LR\naccTitle: Read aloud\naccDescr {\n long\n}\nA --> B",
}
LIVE = {
    "pie\n 'a': 1".replace("'", '"'): "",
    "mindmap\n root\n  a": "",
    "gantt\n section S\n a :2020-01-01, 3d": "",
    "flowchart LR\n A --x B": "arrows that end in a cross or a circle",
    "flowchart LR\n A-->A\n B-->C": "parts without a place",
    "flowchart LR\n A@{ shape: cloud }": "the shape `cloud`",
    "sequenceDiagram\n A-xB: lost": "arrows of another kind",
    "sequenceDiagram\n box Aqua A team\n participant A\n end\n A->>B: x": "boxes, or participants that come and go",
    "sequenceDiagram\n rect rgb(1,2,3)\n A->>B: x\n end": "coloured or overlapping boxes",
    'classDiagram\n A <|-- B\n note for A "so"': "notes or namespaces",
    "stateDiagram-v2\n state c <<choice>>\n A --> c": "`choice`",
}


@pytest.fixture(scope="module")
def node() -> Iterator[Katex]:
    with Katex() as node:
        yield node


def drawn(source: str, node: Katex) -> Drawing:
    with Store(None) as store:
        found, errors = draw([Diagram(source, "", (), "", Location("x.md", 1))], store, node)
    assert [str(error) for error in errors] == []
    return next(iter(found.values()))


@pytest.mark.parametrize("name", DRAWN)
def test_what_the_build_can_draw_it_draws(name: str, node: Katex) -> None:
    drawing = drawn(DRAWN[name], node)
    assert drawing.reason == ""
    assert drawing.svg.startswith("<svg")
    assert "@import" not in drawing.svg
    assert "<style" not in drawing.svg
    assert "http" not in drawing.svg.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"[\ue000-\uf8ff]", drawing.svg)


@pytest.mark.parametrize("source", LIVE)
def test_what_would_be_left_out_is_the_browsers_to_draw(source: str, node: Katex) -> None:
    drawing = drawn(source, node)
    assert (drawing.svg, drawing.reason) == ("", LIVE[source])


def test_every_id_is_marked_and_every_reference_to_one_too(node: Katex) -> None:
    svg = drawn(DRAWN["classes"], node).svg
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    assert ids
    assert all(name.startswith("DIAGRAM-") for name in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= ids


def test_labels_are_escaped_and_formulas_are_their_tex(node: Katex) -> None:
    svg = drawn('flowchart LR\n A["a < b & $$x^2$$ <script>alert(1)</script>"]', node).svg
    assert "<script" not in svg
    assert "a &lt; b &amp; x^2" in svg


def test_a_diagram_says_what_it_shows(node: Katex) -> None:
    assert drawn(DRAWN["what is said to screen readers"], node).title == "Read aloud"
    assert drawn(FLOW, node).title == "Flowchart: One, Two"


def test_colours_of_the_authors_own_are_told(node: Katex) -> None:
    assert not drawn(FLOW, node).styled
    assert drawn(f"{FLOW}\n style A fill:#fcc", node).styled


def test_a_diagram_is_drawn_once_and_remembered() -> None:
    diagram = Diagram(FLOW, "", (), "", Location("x.md", 1))
    with Store(None) as store, Katex() as node:
        first, _ = draw([diagram, diagram], store, node)
        assert node.started == 1
        with Katex() as other:
            second, _ = draw([diagram], store, other)
            assert other.started == 0
        assert first == second


def test_a_label_of_the_drawers_own_syntax_changes_nothing(node: Katex) -> None:
    svg = drawn('flowchart LR\n A["subgraph x"] --> B["end"] --> C["style A fill:red"] --> D["%% no"]', node).svg
    for label in ("subgraph x", "end", "style A fill:red", "%% no"):
        assert f">{label}<" in svg
