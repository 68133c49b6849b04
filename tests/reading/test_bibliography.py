"""Bibliographies as people have them: LaTeX in names and titles, and nothing that makes the reader crash."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.errors import Location
from sitegen.model import BibEntry
from sitegen.reading.bibliography import read_bibliography
from sitegen.reading.works import Work, read_work, readable_latex

PIECES = [
    "@article{k,",
    "@string{",
    "}",
    "{",
    '"',
    " # ",
    " and ",
    "others",
    ",",
    "\n",
    "title = ",
    "\\emph",
    "\\href{a}",
]
PIECES += ["\\url", "$x$", "$", "\\", "year = 2000", "crossref = {k}", "%", "\\frac", '{\\"o}', "--", "é"]


def work(**fields: str) -> Work:
    found, errors = read_work(BibEntry("k", "article", tuple(fields.items()), Location("r.bib", 1)))
    assert [str(error) for error in errors] == []
    return found


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"Erd{\H{o}}s, G\"odel, {\ss}, \O, {\i}, \v{S}, \c{c}, \~n", "Erdős, Gödel, ß, Ø, ı, Š, ç, ñ"),
        (r"{A} {T}itle --- with \emph{marks} \& ``quotes''", "A Title — with marks & “quotes”"),
        (r"50% of it, 100\% sure", "50% of it, 100% sure"),
        (r"on $\mathcal{O}(n^2)$ steps", r"on $\mathcal{O}(n^2)$ steps"),
        (r"costs \$5 and $6", r"costs $5 and $6"),
        (
            r"\href{https://example.org}{here} and \url{https://example.org/a_b%20}",
            "here and https://example.org/a_b%20",
        ),
    ],
)
def test_latex_becomes_text(latex: str, text: str) -> None:
    assert readable_latex(latex).replace("\\$", "$") == text


@pytest.mark.parametrize(
    ("names", "families"),
    [
        ("Knuth, Donald E. and Leslie Lamport", ["Knuth", "Lamport"]),
        ("{The {ATLAS} Collaboration} and others", ["The ATLAS Collaboration"]),
        (r"de la Vall{\'e}e Poussin, Charles and Ludwig van Beethoven", ["de la Vallée Poussin", "van Beethoven"]),
        ("{Barnes and Noble, Inc.}", ["Barnes and Noble, Inc."]),
    ],
)
def test_names_are_taken_apart(names: str, families: list[str]) -> None:
    found = work(author=names, title="T")
    assert [person.family for person in found.people] == families
    assert found.more == names.endswith("others")


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"eprint": "1412.6980", "archiveprefix": "arXiv"}, "1412.6980"),
        ({"journal": "arXiv preprint arXiv:1412.6980v9"}, "1412.6980v9"),
        ({"journal": "CoRR", "url": "http://arxiv.org/abs/cs/9901001"}, "cs/9901001"),
        ({"doi": "10.48550/arXiv.1706.03762"}, "1706.03762"),
        ({"eprint": "abc", "eprinttype": "hdl"}, ""),
    ],
)
def test_papers_at_arxiv_are_known_wherever_their_number_stands(fields: dict[str, str], number: str) -> None:
    assert work(title="T", **fields).fields["eprint"] == number


@pytest.mark.parametrize(("date", "year"), [("2023-03-14", "2023"), ("1998/2001-05", "1998–2001"), ("2020~", "2020")])
def test_the_year_is_read_from_a_date(date: str, year: str) -> None:
    assert work(title="T", date=date).year == year


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_no_bibliography_makes_the_reader_crash(text: str) -> None:
    for source in (text, f"@article{{k, author = {{{text}}}, title = {{{text}}}}}"):
        for entry in read_bibliography(source.encode(), "r.bib")[0]:
            read_work(entry)


def test_a_large_bibliography_is_read_in_seconds() -> None:
    entry = "@article{%d, author = {Doe, J. and Roe, K.}, title = {A {T}itle}, year = 2000, abstract = {%s}}\n"
    start = time.process_time()
    entries, errors = read_bibliography("".join(entry % (n, "x " * 200) for n in range(3_000)).encode(), "r.bib")
    assert (len(entries), errors) == (3_000, ())
    assert time.process_time() - start < 10
