"""The generated pages of docs/reference are those that the program makes. `--update` writes them."""

import re
import sys
import unittest

from program import ROOT, ProgramTest

PAGES = ROOT / "docs" / "reference"
LANGUAGE_HEAD = """# The language

What every kind of entry may hold, and the functions of expressions. Made by `proeftuin schema --markdown`; do not edit.

"""
CODES_HEAD = """# Messages

Every code of a message, as `proeftuin explain CODE` tells it. Made from the program; do not edit.

"""


def codes():
    """All codes, from the table in the source."""
    table = (ROOT / "engine" / "config" / "code_table.hpp").read_text()
    return sorted(set(re.findall(r'\{"([EW]\d{4})"', table)))


class Reference(ProgramTest):
    def language(self):
        return LANGUAGE_HEAD + self.assert_code(self.call("schema", "--markdown"), 0).out

    def messages(self):
        page = CODES_HEAD
        for code in codes():
            title, _, rest = self.assert_code(self.call("explain", code), 0).out.partition("\n")
            page += f"## {title}\n\n{rest.strip()}\n\n"
        return page

    def assert_page(self, name, text):
        page = PAGES / name
        if "--update" in sys.argv:
            page.write_text(text)
        self.assertEqual(page.read_text(), text, f"{name} is not what the program says: run {__file__} --update")

    def test_the_language_page_is_what_the_schema_says(self):
        self.assert_page("language.md", self.language())

    def test_the_messages_page_is_what_explain_says(self):
        self.assert_page("messages.md", self.messages())


if __name__ == "__main__":
    unittest.main(argv=[a for a in sys.argv if a != "--update"])
