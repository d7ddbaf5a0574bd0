"""The house's rules about who may include what, and what the deterministic part may not use.

protocol <- ledger <- node, protocol <- wallet. The importer sees the protocol only, so that it can be moved. One source
knows libsodium, one knows OpenSSL, the store knows LMDB. Under ledger/ nothing may differ between two machines.
"""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPONENTS = ("protocol", "ledger", "node", "wallet")

# Which components' headers a folder may include; the longest matching folder counts.
MAY_INCLUDE = {
    "protocol": {"protocol"},
    "ledger": {"protocol", "ledger"},
    "node": {"protocol", "ledger", "node"},
    "node/import": {"protocol", "node/import"},
    "node/engine/abci": {"protocol", "node/engine/abci"},
    "wallet": {"protocol", "wallet"},
    "wallet/core": {"protocol", "wallet/core"},
}

# Which files may include a library's header: path patterns from the root.
LIBRARIES = {
    r"sodium(\.h|/.*)": [r"protocol/crypto[^/]*"],
    r"openssl/.*": [r"protocol/sha256\.cpp"],
    r"lmdb\.h": [r"ledger/store/[^/]*"],
    r"boost/(asio|beast)(\.hpp|/.*)": [r"node/(?!import/).*", r"wallet/core/.*"],
    r"(?!tendermint/).*\.pb\.h": [r"protocol/pb\.hpp"],
    r"tendermint/.*\.pb\.h": [r"node/engine/abci/messages\.hpp"],
}

# Headers and words that a deterministic component may not use.
LEDGER_HEADERS = {
    "chrono", "random", "thread", "mutex", "shared_mutex", "future", "condition_variable", "stop_token", "semaphore",
    "unordered_map", "unordered_set", "ctime", "time.h", "sys/time.h", "locale", "clocale", "cmath", "math.h", "cfenv",
    "execution",
}
LEDGER_WORDS = {
    "floating point": r"\b(float|double)\b",
    "a clock": r"\bstd::chrono\b|\b(clock_gettime|gettimeofday)\b|(?<![\w.>:])(?:std::)?time\s*\(\s*(?:0|NULL|nullptr|&\w+)?\s*\)",
    "randomness": r"\b(rand|srand|random_device|random_string|random_bytes)\b",
    "threads": r"\bstd::(thread|jthread|async|mutex|future)\b|\bthread_local\b",
    "atomics": r"\bstd::atomic\b",
    "unordered containers": r"\bunordered_(multi)?(map|set)\b",
    "the locale": r"\bsetlocale\b|\bstd::locale\b",
}
# The store is ledger/'s way to the disk, not part of the rules: it keeps the floating point ban only.
STORE_HEADERS_ALLOWED = {"mutex", "shared_mutex", "thread", "condition_variable", "unordered_map", "chrono"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>]+)>|"([^"]+)")', re.MULTILINE)
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Za-z])\'(?:\\.|[^\'\\\n])\'', re.DOTALL)


def code_of(text):
    """The text without comments and literals, so that a word in a sentence is not taken for a call."""
    return COMMENT_OR_TEXT.sub(lambda found: "\n" * found.group().count("\n"), text)


def folder_rule(path):
    matching = [folder for folder in MAY_INCLUDE if path == folder or path.startswith(folder + "/")]
    return max(matching, key=len) if matching else None


def is_in(header, folder):
    return header.startswith(folder + "/")


def include_faults(path, header):
    allowed = MAY_INCLUDE[folder_rule(path)]
    if header.split("/")[0] in COMPONENTS and not any(is_in(header, folder) for folder in allowed):
        yield f"{path} includes {header}, but may include {', '.join(sorted(allowed))} only"
    for library, files in LIBRARIES.items():
        if re.fullmatch(library, header) and not any(re.fullmatch(pattern, path) for pattern in files):
            yield f"{path} includes {header}, which belongs to {' or '.join(files)}"
    if path.startswith("ledger/") and header in LEDGER_HEADERS:
        if not (path.startswith("ledger/store/") and header in STORE_HEADERS_ALLOWED):
            yield f"{path} includes <{header}>: the rules must give the same everywhere"


def word_faults(path, text):
    if not path.startswith("ledger/"):
        return
    code = code_of(INCLUDE.sub("", text))
    for what, pattern in LEDGER_WORDS.items():
        if path.startswith("ledger/store/") and what != "floating point":
            continue
        # Readers give a version of the tree back from their own threads; what it hashes does not depend on it.
        if path.startswith("ledger/merkle/") and what == "atomics":
            continue
        for found in re.finditer(pattern, code):
            line = code.count("\n", 0, found.start()) + 1
            yield f"{path}:{line} uses {what} ({found.group().strip()}): the rules must give the same everywhere"


def order_faults(path, text, exists):
    if path.endswith(".hpp"):
        # A comment may head a file, code may not.
        if not code_of(text).lstrip().startswith("#pragma once"):
            yield f"{path} does not begin with #pragma once"
        return
    own = path[: -len(".cpp")] + ".hpp"
    includes = [angle or quoted for angle, quoted in INCLUDE.findall(text)]
    if exists(own) and (not includes or includes[0] != own):
        if path == "protocol/sha256.cpp":
            return
        yield f"{path} does not include its own header {own} first"


def faults(files):
    """Every breach in `files`, a mapping of path from the root to text."""
    for path, text in sorted(files.items()):
        for angle, quoted in INCLUDE.findall(text):
            yield from include_faults(path, angle or quoted)
        yield from word_faults(path, text)
        yield from order_faults(path, text, files.__contains__)


def sources():
    found = {}
    for component in COMPONENTS:
        for path in (ROOT / component).rglob("*"):
            if path.suffix in (".hpp", ".cpp") and "node_modules" not in path.parts:
                found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
    return found


def test_the_sources_keep_the_rules():
    files = sources()
    assert len(files) > 50, "the sources were not found"
    assert list(faults(files)) == []


PLANTED = [
    ("protocol/a.cpp", '#include "ledger/draft.hpp"\n'),
    ("protocol/a.cpp", '#include "node/keys.hpp"\n'),
    ("ledger/a.cpp", '#include "node/keys.hpp"\n'),
    ("ledger/a.cpp", '#  include  "wallet/core/files.hpp"\n'),
    ("wallet/cli/a.cpp", '#include "ledger/draft.hpp"\n'),
    ("wallet/core/a.cpp", '#include "wallet/cli/b.hpp"\n'),
    ("node/import/a.cpp", '#include "ledger/draft.hpp"\n'),
    ("node/import/a.cpp", '#include "node/keys.hpp"\n'),
    ("node/engine/abci/a.cpp", '#include "ledger/draft.hpp"\n'),
    ("node/engine/abci/a.cpp", '#include "node/keys.hpp"\n'),
    ("protocol/envelope.cpp", "#include <sodium.h>\n"),
    ("ledger/a.cpp", "#include <sodium/core.h>\n"),
    ("protocol/crypto.cpp", "#include <openssl/sha.h>\n"),
    ("ledger/a.cpp", "#include <lmdb.h>\n"),
    ("protocol/a.cpp", "#include <boost/asio.hpp>\n"),
    ("wallet/cli/a.cpp", "#include <boost/beast/http.hpp>\n"),
    ("node/import/a.cpp", "#include <boost/asio/post.hpp>\n"),
    ("ledger/a.cpp", '#include "tallystick/v1/state.pb.h"\n'),
    ("node/engine/a.cpp", '#include "tendermint/abci/types.pb.h"\n'),
    ("ledger/a.cpp", "#include <chrono>\n"),
    ("ledger/actions/a.cpp", "#include <random>\n"),
    ("ledger/a.cpp", "#include <unordered_map>\n"),
    ("ledger/a.cpp", "#include <locale>\n"),
    ("ledger/a.cpp", "double share = 1;\n"),
    ("ledger/store/a.cpp", "float share = 1;\n"),
    ("ledger/a.cpp", "auto now = time(nullptr);\n"),
    ("ledger/a.cpp", "auto now = std::time( 0 );\n"),
    ("ledger/a.cpp", "int dice = rand();\n"),
    ("ledger/a.cpp", "std::thread worker;\n"),
    ("ledger/a.cpp", "thread_local int cache;\n"),
    ("ledger/actions/a.cpp", "std::atomic<int> count;\n"),
    ("ledger/a.hpp", "int a;\n#pragma once\n"),
]


@pytest.mark.parametrize("path, text", PLANTED)
def test_a_planted_breach_is_found(path, text):
    assert list(faults({path: text})) != []


def test_another_header_before_the_own_one_is_found():
    files = {"ledger/a.hpp": "#pragma once\n", "ledger/a.cpp": '#include <string>\n#include "ledger/a.hpp"\n'}
    assert len(list(faults(files))) == 1


def test_what_keeps_the_rules_is_left_alone():
    files = {
        "ledger/a.hpp": "// Heads the file.\n#pragma once\n",
        "ledger/a.cpp": '#include "ledger/a.hpp"\n\n#include <map>\n// a double check, at random, in float\n'
                        'const char* text = "double";\nint entry_time(int); int b = block.time();\n',
        "protocol/crypto_x.cpp": "#include <sodium.h>\n",
        "ledger/store/b.cpp": "#include <lmdb.h>\n#include <mutex>\n",
        "node/engine/c.cpp": '#include "ledger/a.hpp"\n#include <boost/asio.hpp>\n#include <chrono>\n',
        "wallet/core/d.cpp": '#include "protocol/types.hpp"\n#include <boost/beast.hpp>\n',
        "node/import/e.cpp": '#include "node/import/e2.hpp"\n#include "protocol/types.hpp"\n',
    }
    assert list(faults(files)) == []
