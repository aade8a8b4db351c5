#include "idempotency/key_store.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <thread>

#include "log/testing.h"

namespace st::idempotency {
namespace {

using Verdict = KeyStore::Verdict;

class KeyStoreTest : public ::testing::Test {
 protected:
  KeyStoreTest() { Open(); }
  ~KeyStoreTest() override {
    answers_.reset();
    log_->Stop();
  }

  void OpenLog() {
    log_.reset();
    log_ =
        log::LocalLog::Open({fs_, clock_, *random_},
                            {.dir = "/log", .allocate_chunk_bytes = 64 << 10, .reserve_bytes = 0})
            .value();
    if (!log_->FindTopic("events")) EXPECT_TRUE(log_->CreateTopic("events", 1));
    tp_ = {.topic = log_->FindTopic("events")->id, .partition = PartitionId(0)};
  }
  void Open(KeyStoreOptions options = {.dir = "/answers"}) {
    answers_.reset();
    OpenLog();
    auto opened = KeyStore::Open({fs_, clock_, *random_}, *log_, options);
    ASSERT_TRUE(opened) << opened.error().message();
    answers_ = std::move(*opened);
  }
  Hash128 Request(std::string_view body) const {
    return answers_->hasher().OfRequest({.method = "POST", .target = "/a", .body = body});
  }
  ScopedKey Key(std::string_view key) const { return {.scope = scope_, .key = key}; }
  // Claims, stores and finishes, as a mover does.
  void Store(const std::string& key, const std::string& body = "") {
    auto claim = answers_->Begin(Key(key), Request(body));
    // The store's thread may be behind with the files.
    while (!claim && claim.error().code() == ErrorCode::kUnavailable) {
      claim = answers_->Begin(Key(key), Request(body));
    }
    ASSERT_TRUE(claim) << claim.error().message();
    ASSERT_EQ(claim->verdict, Verdict::kNew) << key;
    const Offset offset = Append(key, body, log::kFromThisServer);
    answers_->Finish(Key(key), {.partition = tp_, .offset = offset}, clock_.NowUs() / 1000);
  }
  // A record with an answer in its headers.
  Offset Append(const std::string& key, const std::string& body, const log::Origin& origin) {
    const auto headers = RecordHeaders(
        {.key = key,
         .scope = scope_,
         .request = Request(body),
         .answer = {.status = 201, .content_type = "text/plain", .body = "made " + key}});
    record::NewRecord record{.value = "v", .timestamp_ms = clock_.NowUs() / 1000};
    for (const auto& [name, text] : headers) record.headers.emplace_back(name, text);
    return log::testing::AppendAndWait(*log_, tp_, record::BuildBatch({record}), origin)
        .value()
        .base_offset;
  }
  Verdict VerdictOf(const std::string& key, const std::string& body = "") {
    const auto claim = answers_->Begin(Key(key), Request(body));
    EXPECT_TRUE(claim) << claim.error().message();
    if (!claim) return Verdict::kNew;
    if (claim->verdict == Verdict::kNew) answers_->Abandon(Key(key));
    if (claim->verdict != Verdict::kKnown) return claim->verdict;
    const auto read = answers_->Read(*claim->place, Key(key));
    EXPECT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->answer.body, "made " + key);
    return read->request == Request(body) ? Verdict::kKnown : Verdict::kOtherRequest;
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<KeyStore> answers_;
  KeyScope scope_{};  // none, as in records of earlier versions
  TopicPartition tp_;
};

TEST_F(KeyStoreTest, AKeyIsNewInFlightThenKnown) {
  EXPECT_EQ(answers_->Begin(Key("k"), Request("1"))->verdict, Verdict::kNew);
  EXPECT_EQ(answers_->Begin(Key("k"), Request("1"))->verdict, Verdict::kInFlight);
  EXPECT_EQ(answers_->Begin(Key("k"), Request("2"))->verdict, Verdict::kOtherRequest);
  answers_->Abandon(Key("k"));
  Store("k", "1");
  EXPECT_EQ(VerdictOf("k", "1"), Verdict::kKnown);
  EXPECT_EQ(VerdictOf("k", "2"), Verdict::kOtherRequest);
  EXPECT_EQ(VerdictOf("j", "1"), Verdict::kNew);
}

TEST_F(KeyStoreTest, WithoutFilesAKeyIsUnsureWhereTheyMayHoldIt) {
  Open({.dir = "/answers", .memory_keys = 8});
  for (int i = 0; i < 40; ++i) Store("k" + std::to_string(i), "1");
  answers_->Stop();  // all keys are in files
  const auto begin = [this](const std::string& key) {
    return answers_->BeginInMemory(Key(key), Request("1")).value().verdict;
  };
  for (int i = 0; i < 40; ++i) {
    const auto key = "k" + std::to_string(i);
    ASSERT_EQ(begin(key), Verdict::kUnsure) << key;
    EXPECT_EQ(begin(key), Verdict::kInFlight) << "it is claimed";
    const auto resolved = answers_->Resolve(Key(key), Request("1"));
    ASSERT_TRUE(resolved) << resolved.error().message();
    EXPECT_EQ(resolved->verdict, Verdict::kKnown);
    EXPECT_EQ(resolved->place->offset, Offset(i));
    EXPECT_EQ(begin(key), Verdict::kUnsure) << "the claim was given up";
    answers_->Abandon(Key(key));
  }
  // The filters show that most new keys are in no file. Resolve keeps the claim of the others.
  int unsure = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto key = "new" + std::to_string(i);
    if (begin(key) == Verdict::kUnsure) {
      ++unsure;
      EXPECT_EQ(answers_->Resolve(Key(key), Request("1"))->verdict, Verdict::kNew);
    }
    EXPECT_EQ(begin(key), Verdict::kInFlight);
    answers_->Abandon(Key(key));
  }
  EXPECT_LT(unsure, 200);
}

TEST_F(KeyStoreTest, KeysComeBackFromTheLogAfterAKill) {
  for (int i = 0; i < 50; ++i) Store("k" + std::to_string(i));
  // As after kill -9: the files that Stop would write are missing.
  auto copy = KeyStoreOptions{.dir = "/never_written"};
  Open(copy);
  EXPECT_EQ(answers_->status().keys, 50U);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(VerdictOf("k" + std::to_string(i)), Verdict::kKnown);
}

TEST_F(KeyStoreTest, KeysOfEveryPartitionComeBackFromFilesAndFromTheLog) {
  const auto topic = log_->CreateTopic("many", 3).value();
  const auto store = [&](const KeyStoreOptions& options, int from, int to) {
    Open(options);
    for (int i = from; i < to; ++i) {
      tp_ = {.topic = topic.id, .partition = PartitionId(i % 3)};
      Store("k" + std::to_string(i));
    }
  };
  const auto check = [&](int count) {
    EXPECT_EQ(answers_->status().keys, static_cast<std::uint64_t>(count));
    for (int i = 0; i < count; ++i) {
      const auto claim = answers_->Begin(Key("k" + std::to_string(i)), Request("")).value();
      ASSERT_EQ(claim.verdict, Verdict::kKnown) << i;
      const TopicPosition position{
          .topic = "many", .partition = PartitionId(i % 3), .offset = Offset(i / 3)};
      EXPECT_EQ(answers_->PositionOf(*claim.place), position) << i;
    }
  };
  const KeyStoreOptions files{.dir = "/files", .memory_keys = 10};
  store(files, 0, 60);
  Open(files);
  check(60);
  EXPECT_EQ(answers_->status().damage, "");
  store({.dir = "/unused"}, 60, 90);  // the files cover each partition up to its 20th record
  Open(files);
  check(90);
  EXPECT_EQ(answers_->status().damage, "");
  Open({.dir = "/never_written"});
  check(90);
}

TEST_F(KeyStoreTest, HeadersThatAClientWroteAreNoAnswer) {
  Append("forged", "1", {});
  Store("k", "1");
  Append("k", "2", {});
  Open({.dir = "/never_written"});
  EXPECT_EQ(answers_->status().keys, 1U);
  EXPECT_EQ(VerdictOf("forged", "1"), Verdict::kNew);
  EXPECT_EQ(VerdictOf("k", "1"), Verdict::kKnown) << "the server's own stands";
}

TEST_F(KeyStoreTest, AKeyIsItsScopes) {
  scope_ = answers_->hasher().OfScope("player a");
  Store("order-1", "1");
  scope_ = answers_->hasher().OfScope("player b");
  EXPECT_EQ(VerdictOf("order-1", "2"), Verdict::kNew);
  Store("order-1", "2");
  EXPECT_EQ(VerdictOf("order-1", "2"), Verdict::kKnown);
  EXPECT_EQ(VerdictOf("order-1", "1"), Verdict::kOtherRequest);
  for (const auto* folder : {"/answers", "/never_written"}) {
    Open({.dir = folder});
    scope_ = answers_->hasher().OfScope("player a");
    EXPECT_EQ(VerdictOf("order-1", "1"), Verdict::kKnown) << folder;
    scope_ = answers_->hasher().OfScope("player b");
    EXPECT_EQ(VerdictOf("order-1", "2"), Verdict::kKnown) << folder;
    scope_ = answers_->hasher().OfScope("player c");
    EXPECT_EQ(VerdictOf("order-1", "1"), Verdict::kNew) << folder;
  }
}

TEST_F(KeyStoreTest, AKeyOfBeforeScopesIsItsRequestsAlone) {
  Open({.dir = "/small", .memory_keys = 10});
  for (int i = 0; i < 50; ++i) Store("k" + std::to_string(i), "1");
  for (const auto* folder : {"/small", "/never_written"}) {
    Open({.dir = folder, .memory_keys = 10});
    scope_ = answers_->hasher().OfScope("player a");
    for (const auto* key : {"k0", "k49"}) {
      EXPECT_EQ(VerdictOf(key, "1"), Verdict::kKnown) << "sent again after the upgrade";
      EXPECT_EQ(VerdictOf(key, "2"), Verdict::kNew) << "another request's key of then";
    }
  }
  Store("k0", "2");
  EXPECT_EQ(VerdictOf("k0", "2"), Verdict::kKnown);
  EXPECT_EQ(VerdictOf("k0", "1"), Verdict::kOtherRequest);
}

TEST_F(KeyStoreTest, KeysAreWrittenToFilesAndMerged) {
  Open({.dir = "/small", .memory_keys = 10});
  for (int i = 0; i < 500; ++i) Store("k" + std::to_string(i));
  Open({.dir = "/small", .memory_keys = 10});
  EXPECT_EQ(answers_->status().keys, 500U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(VerdictOf("k" + std::to_string(i)), Verdict::kKnown);
  EXPECT_EQ(VerdictOf("other"), Verdict::kNew);
  EXPECT_LT(fs_.List("/small")->size(), 40U);
}

TEST_F(KeyStoreTest, DamagedFilesAreMadeAgainFromTheLog) {
  Open({.dir = "/small", .memory_keys = 10});
  for (int i = 0; i < 100; ++i) Store("k" + std::to_string(i));
  answers_.reset();
  for (std::size_t n = 0; n < 12; ++n) {
    const auto names = fs_.List("/small").value();
    const auto path = os::JoinPath("/small", names[n % names.size()]);
    auto bytes = os::ReadWholeFile(fs_, path).value();
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    ASSERT_TRUE(os::WriteFileAtomically(fs_, path, bytes));
    Open({.dir = "/small", .memory_keys = 10});
    for (int i = 0; i < 100; ++i) {
      const auto key = "k" + std::to_string(i);
      // Damage inside a file is noticed when it is used; claims are refused until the rebuild.
      auto claim = answers_->Begin(Key(key), Request(""));
      while (!claim) claim = answers_->Begin(Key(key), Request(""));
      ASSERT_EQ(claim->verdict, Verdict::kKnown) << path << " " << key;
      EXPECT_EQ(answers_->Read(*claim->place, Key(key))->answer.body, "made " + key);
    }
    answers_.reset();
  }
}

TEST_F(KeyStoreTest, AFolderInAnyFilesPlaceIsSetAside) {
  const KeyStoreOptions options{.dir = "/small", .memory_keys = 10};
  Open(options);
  for (int i = 0; i < 100; ++i) Store("k" + std::to_string(i));
  answers_.reset();
  const auto there = fs_.List("/small").value();
  std::set<std::string> names(there.begin(), there.end());
  names.insert({"manifest.json.tmp", "run-00000001.keys"});
  for (const auto& name : names) {
    SCOPED_TRACE(name);
    const auto path = os::JoinPath("/small", name);
    Ignore(fs_.Remove(path), "it may not be there");
    ASSERT_TRUE(fs_.CreateDirs(path));
    Open(options);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(VerdictOf("k" + std::to_string(i)), Verdict::kKnown);
    if (name == "manifest.json") EXPECT_NE(answers_->status().damage, "");
    Store("after " + name);
    answers_.reset();
  }
  Open(options);
  EXPECT_EQ(answers_->status().damage, "") << "it healed itself";
}

TEST_F(KeyStoreTest, AFileInTheFoldersPlaceIsSetAside) {
  answers_.reset();
  ASSERT_TRUE(os::WriteNewFile(fs_, "/elsewhere", "mine"));
  Open({.dir = "/elsewhere"});
  EXPECT_TRUE(answers_->status().damage.contains("/elsewhere.aside-1"));
  EXPECT_EQ(fs_.Contents("/elsewhere.aside-1"), "mine");
}

TEST_F(KeyStoreTest, FilesThatAreWholeButNotTheirOwnAreMadeAgain) {
  const KeyStoreOptions options{.dir = "/small", .memory_keys = 10};
  Open(options);
  for (int i = 0; i < 100; ++i) Store("k" + std::to_string(i));
  const auto runs = [this] {
    std::vector<std::string> paths;
    for (const auto& name : fs_.List("/small").value()) {
      if (name.ends_with(".keys")) paths.push_back(os::JoinPath("/small", name));
    }
    return paths;
  };
  const std::vector<std::function<void()>> harms = {
      [&] {  // a run takes another's place
        const auto bytes = os::ReadWholeFile(fs_, runs().front()).value();
        ASSERT_TRUE(os::WriteFileAtomically(fs_, runs().back(), bytes));
      },
      [&] {  // the manifest names no run
        auto text = os::ReadWholeFile(fs_, "/small/manifest.json").value();
        const auto begin = text.find("\"runs\":{") + 8;
        text.erase(begin, text.find('}', begin) - begin);
        ASSERT_TRUE(os::WriteFileAtomically(fs_, "/small/manifest.json", text));
      }};
  int stored = 0;
  for (const auto& harm : harms) {
    for (int i = 0; i < 60; ++i) Store(fmt::format("{}-{}", stored++, i));
    Open(options);
    answers_.reset();
    ASSERT_GT(runs().size(), 1U);
    harm();
    Open(options);
    EXPECT_NE(answers_->status().last_error, "");
    for (int i = 0; i < 100; ++i) EXPECT_EQ(VerdictOf("k" + std::to_string(i)), Verdict::kKnown);
  }
}

TEST_F(KeyStoreTest, TheOldestGoFirstWhenTheyAreTooMany) {
  Open({.dir = "/few", .max_keys = 50, .memory_keys = 10});
  for (int i = 0; i < 200; ++i) {
    clock_.Advance(1'000'000);
    Store("k" + std::to_string(i));
    // Else the newest key may be in one file with more keys than there may be.
    while (answers_->status().keys > 60) std::this_thread::yield();
  }
  Open({.dir = "/few", .max_keys = 50, .memory_keys = 10});
  EXPECT_LE(answers_->status().keys, 60U);
  EXPECT_LT(answers_->status().window_ms, 200'000);
  EXPECT_EQ(VerdictOf("k199"), Verdict::kKnown);
  EXPECT_EQ(VerdictOf("k0"), Verdict::kNew);
}

TEST_F(KeyStoreTest, AfterADayAKeyIsFree) {
  Open({.dir = "/day", .memory_keys = 10});
  for (int i = 0; i < 20; ++i) Store("k" + std::to_string(i));
  clock_.Advance(25LL * 3600 * 1'000'000);
  Open({.dir = "/day", .memory_keys = 10});
  answers_->Stop();
  EXPECT_EQ(VerdictOf("k0"), Verdict::kNew);
}

TEST(KeyHasher, IsSipHash) {
  std::array<std::uint8_t, 16> key{};
  for (std::uint8_t i = 0; i < 16; ++i) key.at(i) = i;
  const KeyHasher hasher{Uuid(key)};
  // vectors_sip128 of the reference implementation, as little endian words.
  EXPECT_EQ(hasher.OfKey({.key = ""}), (Hash128{0xE6A825BA047F81A3, 0x930255C71472F66D}));
  EXPECT_EQ(hasher.OfKey({.key = std::string_view("\0", 1)}),
            (Hash128{0x44AF996BD8C187DA, 0x45FC229B11597634}));
  EXPECT_NE(hasher.OfRequest({"GET", "/a", "b"}), hasher.OfRequest({"GET", "/ab", ""}));
}

TEST(IdempotencyKey, IsBareOrQuoted) {
  EXPECT_EQ(ParseIdempotencyKey(" abc-1 "), "abc-1");
  EXPECT_EQ(ParseIdempotencyKey("a b"), "a b");
  EXPECT_EQ(ParseIdempotencyKey("\"a\\\"b\""), "a\"b");
  EXPECT_EQ(ParseIdempotencyKey(std::string(255, 'x')), std::string(255, 'x'));
  for (const auto& bad :
       {std::string(), std::string("\"\""), std::string("\"a"), std::string("\"a\\"),
        std::string("caf\xC3\xA9"), std::string(256, 'x')}) {
    EXPECT_FALSE(ParseIdempotencyKey(bad)) << bad;
  }
}

}  // namespace
}  // namespace st::idempotency
