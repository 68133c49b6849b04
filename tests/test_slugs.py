"""Addresses and anchors keep the letters of every script, with the marks on them."""

from __future__ import annotations

import pytest

from sitegen.publishing.site import term_url
from sitegen.reading.anchors import anchor_id
from sitegen.slugs import hyphenated


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("deep learning, 2nd_part!", "deep-learning-2nd-part"),
        ("التعلّم الآلي", "التعلّم-الآلي"),
        ("हिन्दी में लिखा", "हिन्दी-में-लिखा"),
        ("ภาษาไทย ที่นี่", "ภาษาไทย-ที่นี่"),
        ("소프트맥스·로짓", "소프트맥스-로짓"),
        ("❤️ 1️⃣ a", "1-a"),
        ("...", ""),
    ],
)
def test_words_stay_whole_between_hyphens(text: str, slug: str) -> None:
    assert hyphenated(text) == slug


def test_a_tag_and_a_heading_have_the_marks_of_their_letters() -> None:
    assert term_url("/tags/", "हिन्दी") == "/tags/हिन्दी/"
    assert term_url("/tags/", "C++ और C#") == "/tags/cpp-और-csharp/"
    assert anchor_id("हिन्दी: क्या?") == "हिन्दी-क्या"
    assert anchor_id("❤️ Love, (x)") == "love-x"
