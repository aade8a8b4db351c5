"""The limits that the operations page names are those of the source, and none is left out."""
import ast
import fractions
import operator
import re

import pytest

from conftest import BINARY, ROOT
from test_documents import run

PAGE = (ROOT / "docs/operations.md").read_text()
UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30,
         "ms": 10**3, "s": 10**6, "min": 60 * 10**6, "h": 3600 * 10**6}
FIGURE = re.compile(r"(10\^\d+|[\d][\d,.]*)(?: (bytes|KiB|MiB|GiB|ms|s|min|h)\b)?")
# What no user meets: how the inside is cut, looked at, kept or paused.
INTERNAL = set("""
api::kFetchPauseUs api::kFetchRoomPauseUs api::kFetchedPartitionBytes api::kInlineCheckBytes
api::kKeptScratchBytes api::kLookUpSliceUs api::kMaxSmallRecordBytes
client::kKafkaFetchBytes client::kKafkaFollowingFetchMs client::kKafkaPollRecords
client::kKafkaQueuedBytes client::kKafkaReadingFetchMs client::kKafkaWakeMs
client::ledger::kKeptPositions
client::ledger::kOffsetsPerStatement client::load::kFirstPauseUs
client::load::kLongestPauseUs client::load::kMaxPatternRepeats client::load::kSampleLetters
client::load::kTickUs
collect::kEventOverheadBytes collect::kMaxBatchBytes
game::kGuildsPerChunk game::kMaxChunkBytes game::kPlayersPerChunk
game_service::kGameSnapshotEvents game_service::kSnapshotPauseUs
game_service::kSnapshotRest
group::kGroupOverheadBytes group::kGroupPartitionBytes group::kGroupRoomShare
group::kMaxClientIdInMemberBytes group::kMemberOverheadBytes group::kOffsetOverheadBytes
group::kSubscribedTopicBytes
idempotency::kHourMs idempotency::kMaxAnswerBatchBytes idempotency::kMergeRuns
idempotency::kMergeShare idempotency::kReadBytes idempotency::kRoundUs
idempotency::kUncoveredRecords
jobs::kIdleEndMs jobs::kKillGraceUs jobs::kMaxBodyBytes jobs::kMaxFilterDepth jobs::kMaxHeaderBytes
jobs::kMaxStateFiles jobs::kMaxStateNameBytes jobs::kSendTimeoutUs
jobs::kStartTimeoutUs
kafka::kMaxMessageBytes
lake::kFewCheckedFiles lake::kLargeManifestBytes lake::kMaxLoggedSnapshots lake::kMaxLoggedVersions
lake::kMaxManifests lake::kMergeRatio
log::kMaxCheckpointPieceBytes log::kMaxCheckpointPieces log::kMaxCommitBytes
log::kMaxHeldPartitions log::kMaxHolds log::kMaxOpenSegments
log::kMaxTopicStateBytes log::kMinSegmentBytes log::kProducerBatches log::kProducerRoomShare log::kRetryRoomUs
net::kAcceptBackoffUs net::kBodyBufferBytes net::kFrameGrowthBytes net::kInlineBodyBytes
net::kLingerUs net::kMaxFetchHeaderBytes net::kMaxLingerBytes net::kMaxLingeringRefusals
net::kMaxDefaultIoThreads net::kMaxIoThreads
net::kMaxOverBudgetLingerBytes net::kMinSweepUs net::kMinWriteProgressBytes net::kReadBufferBytes
net::kRetriedWaiters net::kStopPartialUs net::kSweepUs net::kTurnedAwayAtOnce
project::kMaxDeclarationsBytes
query::kCancelAgainUs query::kLingerUs query::kMaxDamageNotes query::kMaxPageBytes
query::kMaxRememberedClients query::kMaxRememberedStatements query::kRunnerIdleUs
query::kTickUs query::kWantedUs
stream::kCrowdedDelayUs stream::kFilesLeftInPartition stream::kMaxCommitTries
stream::kMaxDefinitionVersions stream::kMaxDefinitionsBytes stream::kUpkeptFileBytes stream::kUpkeptSortedFileBytes
upkeep::kFirstOrphansUs upkeep::kFirstScrubUs upkeep::kLookUs upkeep::kMaxConflicts
upkeep::kMaxRetryUs upkeep::kOrphansUs upkeep::kRecheckUs upkeep::kRemoveUs upkeep::kRestFactor upkeep::kRetryUs
upkeep::kScrubRestFactor upkeep::kScrubUs
worker::kLookAtOpenUs worker::kMaxWaitingFrames worker::engine::kInterruptEveryUs
worker::parquet::kMaxFooterBytes worker::parquet::kMaxThriftDepth
worker::query::kMaxMessageBytes worker::query::kMaxParseDepth worker::transform::kMaxChunkBytes
worker::transform::kMaxSearchBytes worker::transform::kMaxSearchRecords
""".split())
# Those of the lake's own files.
ELSEWHERE = {"avro"}
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
             ast.FloorDiv: operator.floordiv, ast.Div: operator.floordiv,
             ast.LShift: operator.lshift, ast.RShift: operator.rshift}


def evaluated(text, names):
    """The value of a constant's C++ expression."""
    text = re.sub(r"(?:std::\w+|double)\{([^}]*)\}", r"(\1)", text.replace("'", ""))
    text = re.sub(r"\b(\d+)(?:U|u)?(?:LL|L|ll|l)?\b", r"\1", text)

    def value(node):
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.Name):
            return names[node.id]
        return ast.literal_eval(node)

    return value(ast.parse(text.strip(), mode="eval").body)


def constants():
    """{"log::kMaxTopics": 11000, "net::HttpLimits.max_body_bytes": 1048576, …} of all headers."""
    found = {}
    for header in sorted((ROOT / "src").rglob("*.h")):
        text = re.sub(r"//[^\n]*", "", header.read_text())
        namespace = re.search(r"^namespace st::([\w:]+) \{", text, re.M)
        if not namespace:
            continue
        names = {key.rsplit("::", 1)[1]: value for key, value in found.items()
                 if key.rsplit("::", 1)[0] == namespace[1]}
        for name, expression in re.findall(r"^inline constexpr [\w:]+ (k\w+) =\s*([^;{]+(?:\{[^}]*\}[^;]*)?);",
                                           text, re.M):
            try:
                names[name] = evaluated(expression, names)
            except (KeyError, SyntaxError, ValueError):
                continue
            found[f"{namespace[1]}::{name}"] = names[name]
        for struct, body in re.findall(r"^struct (\w+(?:Limits|Options)) \{(.*?)^\};", text, re.M | re.S):
            for name, expression in re.findall(r"(\w+) = ([^;{]+);", body):
                try:
                    found[f"{namespace[1]}::{struct}.{name}"] = evaluated(expression, names)
                except (KeyError, SyntaxError, ValueError):
                    continue
    return found


CONSTANTS = constants()


def figure(number, unit):
    if number.startswith("10^"):
        return 10 ** int(number[3:])
    return fractions.Fraction(number.replace(",", "")) * UNITS.get(unit, 1)


def rows():
    """(constant, its figure on the page) of every row that names a constant."""
    found = []
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = re.findall(r"`((?:\w+::)+[\w.]+)`", cells[-1])
        if line.startswith("|") and names:
            figures = FIGURE.findall(cells[1])
            assert len(figures) == len(names), f"{line}: a figure for each constant, in order"
            found += [(name, figure(*one)) for name, one in zip(names, figures)]
    return found


@pytest.mark.parametrize("name,shown", rows(), ids=lambda value: str(value))
def test_a_limit_of_the_operations_page_is_that_of_the_source(name, shown):
    value = CONSTANTS[name]
    assert shown == (value * 1000 if name.endswith("Ms") else value)


def test_no_limit_that_a_user_can_meet_is_left_out():
    limits = {f"{re.search(r'namespace st::(.+?) ', text)[1]}::{name}"
              for text in (path.read_text() for path in (ROOT / "src").rglob("*limits.h"))
              for name in re.findall(r"^inline constexpr [\w:]+ (k\w+) =", text, re.M)}
    limits = {name for name in limits if name.split("::")[0] not in ELSEWHERE}
    shown = {name for name, _ in rows()}
    assert limits - INTERNAL - shown == set(), "give each a row under Limits, or say it is internal"
    assert INTERNAL - limits == set(), "no such constants any more"
    assert INTERNAL & shown == set()


def test_the_page_names_limits_of_every_part():
    assert {name.split("::")[0] for name, _ in rows()} >= {
        "net", "api", "kafka", "log", "event", "game", "collect", "dialect", "game_service",
        "idempotency", "stream", "worker", "lake", "query"}


SETTINGS = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| `?([^|`]*)`? \| ([^|]*) \|", PAGE, re.M)


@pytest.mark.parametrize("key,shown", [
    (key, shown) for key, _, shown in SETTINGS if re.match(r"[\d,]+ to ", shown)])
def test_the_range_of_a_setting_is_that_of_the_program(key, shown, tmp_path):
    refused = run(BINARY, "topic", "ls", "-C", tmp_path, "--set", f"{key}=x").stderr
    least, most = re.search(r"from (\d+) to (\d+)", refused).groups()
    want = re.match(r"([\d,]+) to ([\d,]+) \w+", shown)
    assert (least, most) == tuple(want[n].replace(",", "") for n in (1, 2))


def test_the_settings_of_the_page_are_those_of_the_program():
    source = (ROOT / "src/app/config.cc").read_text()
    assert {key for key, _, _ in SETTINGS} == set(
        re.findall(r'^      \{"([a-z_]+\.[a-z_]+)",', source, re.M))


def test_the_defaults_of_the_page_are_those_of_the_program():
    config = {name: value.strip('"') for name, value in re.findall(
        r"^  [\w:]+ (\w+?) = ([^;]+);", (ROOT / "src/app/config.h").read_text(), re.M)}
    words = {"DefaultIoThreads()": f"one for each core, at most {CONSTANTS['net::kMaxDefaultIoThreads']}"}
    seen = 0
    for key, default, _ in SETTINGS:
        name = key.replace(".", "_").replace("timeout_seconds", "timeout_s")
        for unit, name in ((1, name), (2**20, f"{name}_bytes")):
            if name in config:
                want = default if not default.isdigit() else int(default) * unit
                value = words.get(config[name], config[name])
                is_number = value[0].isdigit() and ":" not in value
                assert (evaluated(value, {}) if is_number else value) == want, key
                seen += 1
    assert seen >= 12


def test_the_example_of_the_settings_file_is_accepted(tmp_path):
    block = re.search(r"with every\nsection:\n\n((?:    .*\n|\n)+)", PAGE)[1]
    text = "\n".join(line[4:] for line in block.splitlines())
    (tmp_path / "steelthread.toml").write_text(text)
    # No server runs there, which is all that is wrong.
    done = run(BINARY, "topic", "ls", "-C", tmp_path, "--set", f"data.dir={tmp_path}/data")
    assert done.returncode == 3, done.stderr
    assert set(re.findall(r"^\[(\w+)\]", text, re.M)) == {key.split(".")[0] for key, _, _ in SETTINGS}
