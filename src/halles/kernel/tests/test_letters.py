"""The look of a mail: what is written is escaped, what can be touched is a link, and nothing else changes."""

from __future__ import annotations

from halles.kernel.letters import letter


def test_words_are_escaped_and_addresses_can_be_touched() -> None:
    page = letter(
        "fr", ["Chez <Léa> & fils\nà midi", "Annulez ici : https://halles.example/place/a?b=1&c=2."]
    )
    assert '<html lang="fr">' in page
    assert "Chez &lt;Léa&gt; &amp; fils<br>à midi" in page
    assert 'href="https://halles.example/place/a?b=1&amp;c=2"' in page
    assert "c=2</a>." in page


def test_a_code_stands_alone_after_the_first_paragraph() -> None:
    page = letter("en", ["Your code is", "It works once."], large="347 273")
    assert page.index("Your code is") < page.index("347 273") < page.index("It works once.")


def test_nothing_in_a_paragraph_becomes_an_element() -> None:
    page = letter("en", ['https://halles.example/"onmouseover="x <script>'])
    assert "<script>" not in page
    assert '"onmouseover' not in page
