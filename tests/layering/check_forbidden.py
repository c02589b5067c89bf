"""Fails when a source has what forbidden.txt forbids, or when that list allows what nobody uses."""
import pathlib
import re
import sys

# Comments and strings are blanked, lengths and line ends kept, so that line numbers stay right.
NOT_CODE = re.compile(
    r'R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/',
    re.DOTALL,
)


def blank(match):
    text = match[0]
    # The name in an #include is a string that matters.
    line = match.string[match.string.rfind("\n", 0, match.start()) + 1:match.start()]
    if re.fullmatch(r"\s*#\s*include\s*", line):
        return text
    return "".join(c if c == "\n" else " " for c in text)


def read_rules(text):
    rules, allowed = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        # A regular expression may hold a bar, never one with a space on both sides.
        fields = [f.strip() for f in line.split(" | ")]
        verb, name = fields[0].split(None, 1)
        if verb == "rule":
            rules[name] = (re.compile(fields[1], re.MULTILINE), fields[2])
        elif verb == "allow" and name in rules and len(fields) == 3 and fields[2]:
            allowed.append([name, fields[1], fields[2], False])
        else:
            sys.exit(f"forbidden.txt:{number}: not understood (rules come first; every exception has a reason)")
    return rules, allowed


def main(root, table):
    root = pathlib.Path(root)
    rules, allowed = read_rules(pathlib.Path(table).read_text(encoding="utf-8"))
    problems = []
    sources = [p for top in ("engine", "models", "output") for p in (root / top).rglob("*") if p.suffix in (".hpp", ".cpp")]
    for source in sorted(sources):
        path = source.relative_to(root).as_posix()
        code = NOT_CODE.sub(blank, source.read_text(encoding="utf-8"))
        for name, (pattern, why) in rules.items():
            for match in pattern.finditer(code):
                exception = next((a for a in allowed if a[0] == name and path.startswith(a[1])), None)
                if exception:
                    exception[3] = True
                    continue
                line = code.count("\n", 0, match.start()) + 1
                problems.append(f"{path}:{line}: {name}: '{match[0].strip()}' ({why})")
    for name, path, _, used in allowed:
        if not used and not any(root.glob(path.rstrip("/") + "*")):
            problems.append(f"forbidden.txt: '{path}' is allowed {name} but does not exist")
    print("\n".join(problems) or "nothing forbidden found")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
