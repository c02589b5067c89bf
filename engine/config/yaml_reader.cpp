#include "engine/config/yaml_reader.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <istream>
#include <streambuf>
#include <unordered_map>

#include "engine/config/utf8.hpp"

namespace proeftuin {

namespace {

/// Enough mistakes in one file; the rest are most often echoes.
constexpr std::size_t most_errors = 100;

/// Hands out the text in small pieces, and nothing more once the scanner is too far ahead of the last event:
/// yaml-cpp queues every token of a bracketed value before it tells of its start, 200 bytes for each byte of text.
class LeashedText final : public std::streambuf {
public:
    LeashedText(std::string_view text, std::size_t leash) : text_{text}, leash_{leash} {}
    void reached(std::size_t offset) { event_ = offset; }
    bool stopped() const { return stopped_; }

protected:
    int_type underflow() override {
        if (gptr() < egptr()) return traits_type::to_int_type(*gptr());
        if (given_ >= text_.size()) return traits_type::eof();
        if (given_ > event_ + leash_) {
            stopped_ = true;
            return traits_type::eof();
        }
        const std::size_t n = std::min(buffer_.size(), text_.size() - given_);
        std::copy_n(text_.data() + given_, n, buffer_.data());
        given_ += n;
        setg(buffer_.data(), buffer_.data(), buffer_.data() + n);
        return traits_type::to_int_type(*gptr());
    }

private:
    std::string_view text_;
    std::size_t leash_;
    std::size_t given_ = 0;
    std::size_t event_ = 0;
    bool stopped_ = false;
    std::array<char, 4096> buffer_{};
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

std::string size_words(std::size_t bytes) {
    return bytes >= (1u << 20) ? fmt::format("{} MB", bytes >> 20) : fmt::format("{} kB", bytes >> 10);
}

}  // namespace

/// Receives what yaml-cpp finds.
class YamlReader::Events final : public YAML::EventHandler {
public:
    Events(YamlReader& reader, LeashedText& input) : reader_{reader}, input_{input} {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) {
            const auto offset = static_cast<std::size_t>(mark.pos);
            const std::size_t line = reader_.text_.rfind("\n---", offset);
            const std::size_t dashes = line == std::string::npos ? offset : line + 1;
            reader_.stop("E0112", "the file holds more than one document", dashes, 3,
                         "put each entry in a file of its own");
        }
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const std::size_t start = begin(mark);
        const std::size_t at = reader_.skip_properties(start, anchor != 0);
        Raw raw;
        raw.offset = static_cast<std::uint32_t>(at);
        raw.anchor_offset = static_cast<std::uint32_t>(start);
        if (is_key()) {
            reader_.report("E0114", "a key is missing before ':'", at, 1,
                           "write the key, in quotes if it is a word like null");
        }
        reader_.add(std::move(raw), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { reader_.use_alias(begin(mark), anchor); }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        const std::size_t start = begin(mark);
        const std::size_t at = reader_.skip_properties(start, anchor != 0);
        const char first = at < reader_.text_.size() ? reader_.text_[at] : '\0';
        const bool plain = tag == "?" || (first != '"' && first != '\'' && first != '|' && first != '>');
        Raw raw;
        raw.kind = NodeKind::scalar;
        raw.offset = static_cast<std::uint32_t>(at);
        raw.anchor_offset = static_cast<std::uint32_t>(start);
        raw.quoted = !plain;
        raw.block = !plain && (first == '|' || first == '>');
        const Extent extent = reader_.extent_of(at, value, plain);
        raw.length = static_cast<std::uint32_t>(extent.length);
        raw.exact = extent.exact;
        raw.text = value;
        if (!extent.closed) {
            reader_.stop("E0105", "a quote is opened and never closed (the rest of the file would become its text)", at,
                         1, fmt::format("close it with {}", first), {}, "opened here");
        }
        if (!plain && !raw.block && reader_.text_.substr(at, extent.length).find('\n') != std::string::npos) {
            reader_.long_quote_ = at;
            reader_.long_quote_end_ = at + extent.length;
        }
        if (is_key()) check_key(at, raw, plain);
        reader_.add(std::move(raw), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        open(mark, anchor, NodeKind::sequence, style);
    }
    void OnSequenceEnd() override { reader_.finish(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        open(mark, anchor, NodeKind::map, style);
    }
    void OnMapEnd() override { reader_.finish(); }

private:
    std::size_t begin(const YAML::Mark& mark) {
        const std::size_t offset = std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), reader_.text_.size());
        // After the leash the end of the text is not its end: what yaml-cpp tells from here on means nothing.
        if (input_.stopped()) reader_.stop_too_long();
        reader_.last_offset_ = std::max(reader_.last_offset_, offset);
        input_.reached(reader_.last_offset_);
        reader_.check_indentation(offset);
        return offset;
    }
    bool is_key() const {
        if (reader_.stack_.empty()) return false;
        const Raw& top = reader_.raws_[reader_.stack_.back()];
        return top.kind == NodeKind::map && top.children % 2 == 0;
    }
    void check_key(std::size_t at, const Raw& raw, bool plain) {
        std::size_t before = at;
        while (before > 0 && is_blank(reader_.text_[before - 1])) --before;
        if (before < at && before > 0 && reader_.text_[before - 1] == '?') {
            reader_.stop("E0114", "keys introduced by '?' are not read", before - 1, 1, "write key: value");
        }
        if (raw.block || (plain && !raw.exact)) {
            reader_.stop("E0114", "a key must stand on one line", at, raw.length);
        }
        reader_.check_key_end(at, at + raw.length, raw.text);
    }
    void open(const YAML::Mark& mark, YAML::anchor_t anchor, NodeKind kind, YAML::EmitterStyle::value style) {
        const std::size_t start = begin(mark);
        const std::size_t at = reader_.skip_properties(start, anchor != 0);
        if (is_key()) {
            reader_.check_bracket(at);
            reader_.stop("E0114", fmt::format("a {} cannot be a key", kind == NodeKind::map ? "map" : "list"), at, 1,
                         "a key is one word of text");
        }
        if (reader_.stack_.size() >= reader_.limits_.depth) {
            reader_.stop("E0110", fmt::format("values are nested deeper than {} levels", reader_.limits_.depth), at, 1);
        }
        Raw raw;
        raw.kind = kind;
        raw.open = true;
        raw.in_brackets = style == YAML::EmitterStyle::Flow;
        raw.offset = static_cast<std::uint32_t>(at);
        raw.anchor_offset = static_cast<std::uint32_t>(start);
        reader_.stack_.push_back(reader_.add(std::move(raw), anchor));
    }

    YamlReader& reader_;
    LeashedText& input_;
    int documents_ = 0;
};

YamlReader::YamlReader(SourceFiles& files, std::uint32_t file, DiagnosticSink& sink, const YamlLimits& limits)
    : files_{files},
      file_{file},
      sink_{sink},
      limits_{limits},
      text_{files.text(file)},
      errors_before_{sink.errors()},
      raws_(1) {}

void YamlReader::report(std::string code, std::string message, std::size_t offset, std::size_t length,
                        std::optional<std::string> help, std::vector<Note> notes, std::string label) {
    sink_.report({.severity = Severity::error,
                  .code = std::move(code),
                  .message = std::move(message),
                  .where = span(offset, length),
                  .label = std::move(label),
                  .notes = std::move(notes),
                  .help = std::move(help)});
    if (sink_.errors() - errors_before_ >= most_errors) throw Stop{};
}

void YamlReader::stop(std::string code, std::string message, std::size_t offset, std::size_t length,
                      std::optional<std::string> help, std::vector<Note> notes, std::string label) {
    report(std::move(code), std::move(message), offset, length, std::move(help), std::move(notes), std::move(label));
    throw Stop{};
}

/// At the end of the text yaml-cpp takes an open bracket for a key; reports the bracket.
void YamlReader::check_bracket(std::size_t offset) {
    if (offset >= text_.size() || (text_[offset] != '[' && text_[offset] != '{')) return;
    std::size_t open = 0;
    for (std::size_t at = offset; at < text_.size(); ++at) {
        const char c = text_[at];
        if (c == '[' || c == '{') ++open;
        if ((c == ']' || c == '}') && --open == 0) return;
        if (c == '"' || c == '\'') at += extent_of(at, {}, false).length - 1;
        if (c == '#' && is_space(text_[at - 1])) at = std::min(text_.find('\n', at), text_.size());
    }
    stop_open_bracket(offset, text_.size() - 1);
}

void YamlReader::stop_open_bracket(std::size_t offset, std::size_t stopped_at) {
    const bool map = text_[offset] == '{';
    stop("E0118", fmt::format("'{}' is not closed, or ',' is missing", map ? '{' : '['), offset, 1,
         fmt::format("close it with '{}', and put ',' between its parts", map ? '}' : ']'),
         {{span(stopped_at), "it cannot be read on from here"}}, "opened here");
}

void YamlReader::stop_too_long() {
    stop("E0111", fmt::format("a list, a map, a text or a comment is longer than {}", size_words(limits_.value_bytes)),
         last_offset_, 1, "put long tables in CSV files beside it");
}

/// Refuses what is not text in UTF-8.
bool YamlReader::check_bytes() {
    if (text_.size() > limits_.bytes) {
        report("E0111", fmt::format("the file is larger than {}", size_words(limits_.bytes)), 0, 1,
               "put long tables in CSV files beside it");
        return false;
    }
    if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF")) {
        report("E0101", "the file is not UTF-8 (it starts as UTF-16 does)", 0, 1, "save it as UTF-8");
        return false;
    }
    for (std::size_t at = 0; at < text_.size();) {
        const auto byte = static_cast<unsigned char>(text_[at]);
        if (byte >= 0x20 && byte < 0x7F) {
            ++at;
            continue;
        }
        const Utf8Char c = decode_utf8(text_, at);
        if (!c.valid) {
            report("E0101", fmt::format("the file is not UTF-8 (byte 0x{:02x})", byte), at, 1, "save it as UTF-8");
            return false;
        }
        if (is_control(c.code) || (c.code == '\r' && (at + 1 >= text_.size() || text_[at + 1] != '\n'))) {
            report("E0102", fmt::format("the file holds the control character U+{:04X}", static_cast<unsigned>(c.code)),
                   at, c.length, "remove it");
            return false;
        }
        at += c.length;
    }
    return true;
}

/// Reports the first line between two offsets whose indentation holds a tab.
bool YamlReader::check_tabs_between(std::size_t from, std::size_t to) {
    std::size_t at = text_.rfind('\n', from == 0 ? 0 : from - 1);
    at = at == std::string::npos ? 0 : at + 1;
    if (from == 0) at = 0;
    while (at <= to && at < text_.size()) {
        std::size_t i = at;
        while (i < text_.size() && is_blank(text_[i])) ++i;
        const bool content = i < text_.size() && text_[i] != '\n' && text_[i] != '\r' && text_[i] != '#';
        if (content) {
            const std::size_t tab = text_.substr(at, i - at).find('\t');
            if (tab != std::string::npos) {
                report("E0104", "a tab is used as indentation (YAML allows only spaces)", at + tab, 1,
                       "indent with spaces");
                return true;
            }
        }
        at = text_.find('\n', at);
        if (at == std::string::npos) break;
        ++at;
    }
    return false;
}

void YamlReader::check_indentation(std::size_t offset) {
    std::size_t begin = offset;
    while (begin > 0 && is_blank(text_[begin - 1])) --begin;
    if (begin > 0 && text_[begin - 1] != '\n') return;
    const std::size_t tab = std::string_view{text_}.substr(begin, offset - begin).find('\t');
    if (tab == std::string_view::npos) return;
    report("E0104", "a tab is used as indentation (YAML allows only spaces)", begin + tab, 1, "indent with spaces");
}

/// Goes past anchor and tag of a node to its first character; refuses the tag.
std::size_t YamlReader::skip_properties(std::size_t offset, bool has_anchor) {
    std::size_t at = offset;
    while (at < text_.size()) {
        if (text_[at] == '!') {
            std::size_t end = at;
            while (end < text_.size() && !is_space(text_[end])) ++end;
            report("E0113", fmt::format("the tag {} is not read", shown(std::string_view{text_}.substr(at, end - at))),
                   at, end - at, "remove it; the type of a value follows from its key");
            at = end;
        } else if (text_[at] == '&' && has_anchor) {
            while (at < text_.size() && !is_space(text_[at]) && text_[at] != ',' && text_[at] != ']' &&
                   text_[at] != '}')
                ++at;
        } else {
            break;
        }
        while (at < text_.size() && (is_space(text_[at]) || text_[at] == '#')) {
            if (text_[at] == '#')
                at = std::min(text_.find('\n', at), text_.size());
            else
                ++at;
        }
    }
    return at;
}

YamlReader::Extent YamlReader::extent_of(std::size_t offset, const std::string& value, bool plain) const {
    const std::string_view text{text_};
    const char first = offset < text.size() ? text[offset] : '\0';
    if (!plain && (first == '"' || first == '\'')) {
        for (std::size_t at = offset + 1; at < text.size(); ++at) {
            if (first == '"' && text[at] == '\\') {
                ++at;
            } else if (text[at] == first) {
                if (first == '\'' && at + 1 < text.size() && text[at + 1] == '\'') {
                    ++at;
                    continue;
                }
                return {at + 1 - offset, true, text.substr(offset + 1, at - offset - 1) == value};
            }
        }
        return {1, false, false};
    }
    if (!plain) return {1, true, false};
    if (text.substr(offset, value.size()) == value) return {std::max<std::size_t>(value.size(), 1), true, true};
    std::size_t end = std::min(text.find('\n', offset), text.size());
    while (end > offset + 1 && is_space(text[end - 1])) --end;
    return {std::max<std::size_t>(end - std::min(offset, end), 1), true, false};
}

/// yaml-cpp takes a lone text after the last entry for a key; a key is one only with a colon.
void YamlReader::check_key_end(std::size_t offset, std::size_t end, std::string_view key) {
    std::size_t at = end;
    while (at < text_.size() && is_blank(text_[at])) ++at;
    if (at < text_.size() && text_[at] == ':') return;
    report("E0115", fmt::format("{} has no ':' behind it (a map holds 'key: value')", shown(key)), offset, end - offset,
           "write a value behind it, or move it to the line it belongs to");
}

std::uint32_t YamlReader::add(Raw raw, std::size_t anchor) {
    const std::size_t offset = raw.offset;
    if (raws_.size() > limits_.nodes) {
        stop("E0111", fmt::format("the file holds more than {} values", limits_.nodes), offset, 1,
             "put long tables in CSV files beside it");
    }
    const auto index = static_cast<std::uint32_t>(raws_.size());
    raws_.push_back(std::move(raw));
    if (!stack_.empty()) {
        Raw& parent = raws_[stack_.back()];
        if (parent.first == 0)
            parent.first = index;
        else
            raws_[parent.last].next = index;
        parent.last = index;
        ++parent.children;
    }
    if (anchor != 0) {
        if (anchors_.size() <= anchor) anchors_.resize(anchor + 1);
        anchors_[anchor] = index;
    }
    return index;
}

void YamlReader::finish() {
    Raw& raw = raws_[stack_.back()];
    raw.open = false;
    for (std::uint32_t child = raw.first; child != 0; child = raws_[child].next) {
        raw.total += raws_[child].total;  // bounded by nodes + alias_nodes, see use_alias
        raw.depth = std::max(raw.depth, raws_[child].depth + 1);
    }
    stack_.pop_back();
}

void YamlReader::use_alias(std::size_t offset, std::size_t anchor) {
    std::size_t end = offset + 1;
    while (end < text_.size() && !is_space(text_[end]) &&
           std::string_view{",]}"}.find(text_[end]) == std::string_view::npos)
        ++end;
    const std::size_t length = end - offset;
    const std::string name = shown(std::string_view{text_}.substr(offset, length));
    const std::uint32_t target = anchor < anchors_.size() ? anchors_[anchor] : 0;
    if (target == 0) stop("E0116", fmt::format("the alias {} refers to nothing", name), offset, length);
    const Raw& raw = raws_[target];
    const Note note{span(raw.anchor_offset), "the anchor is set here"};
    if (raw.open) {
        stop("E0108", fmt::format("the alias {} refers to a value that it is part of", name), offset, length, {},
             {note});
    }
    if (!stack_.empty() && raws_[stack_.back()].kind == NodeKind::map && raws_[stack_.back()].children % 2 == 0) {
        stop("E0114", fmt::format("the alias {} cannot be a key", name), offset, length, "write the key itself",
             {note});
    }
    if (stack_.size() + raw.depth > limits_.depth) {
        stop("E0110",
             fmt::format("values are nested deeper than {} levels (through the alias {})", limits_.depth, name), offset,
             length, {}, {note});
    }
    alias_nodes_ += raw.total;
    if (alias_nodes_ > limits_.alias_nodes) {
        stop("E0109", fmt::format("aliases copy more than {} values", limits_.alias_nodes), raw.anchor_offset, 1,
             "write the values once, as a parameter or a CSV file, and refer to them by name",
             {{span(offset, length), "the copy that is too much"}}, "copied from here");
    }
    Raw alias;
    alias.offset = static_cast<std::uint32_t>(offset);
    alias.length = static_cast<std::uint32_t>(length);
    alias.anchor_offset = alias.offset;
    alias.target = target;
    alias.total = raw.total;
    alias.depth = raw.depth;
    add(std::move(alias), 0);
}

/// Says in our words what yaml-cpp refused.
void YamlReader::explain(const std::string& message, std::size_t offset) {
    namespace msg = YAML::ErrorMsg;
    const auto is = [&](const char* known) { return message.starts_with(known); };
    // At the end of the text the place is that of the last character.
    std::size_t at = std::min(offset, text_.size());
    if (at == text_.size()) {
        while (at > 0 && is_space(text_[at - 1])) --at;
        if (at > 0) --at;
    }
    if (check_tabs_between(std::min(last_offset_, at), at)) return;

    const Raw* bracket = nullptr;
    for (const std::uint32_t index : stack_) {
        if (raws_[index].in_brackets) bracket = &raws_[index];
    }
    const bool quote_ends_here =
        long_quote_end_ > 0 && long_quote_end_ <= at + 1 && text_.find('\n', long_quote_end_ - 1) >= at;
    if (quote_ends_here) {
        report("E0105", "a quote is closed on another line than it is opened, and what follows cannot be read",
               long_quote_, 1, "close the quote on its own line", {{span(long_quote_end_ - 1), "closed only here"}},
               "opened here");
    } else if (is(msg::EOF_IN_SCALAR)) {
        report("E0105", "a quote is opened and never closed", at, 1);
    } else if (is(msg::UNKNOWN_ANCHOR)) {
        report("E0116", "the alias refers to an anchor that is not set above it", offset, 1,
               "put a text that begins with '*' in quotes");
    } else if (is(msg::INVALID_ESCAPE) || is(msg::INVALID_HEX) || is(msg::INVALID_UNICODE)) {
        report("E0119", "unknown escape in a text between double quotes", at, 1,
               "write \\\\ for a backslash, or use single quotes");
    } else if (bracket != nullptr && (is(msg::END_OF_MAP_FLOW) || is(msg::END_OF_SEQ_FLOW))) {
        stop_open_bracket(bracket->offset, at);
    } else if (is(msg::FLOW_END)) {
        report("E0118", "a bracket is closed that was not opened", at, 1);
    } else if (is(msg::END_OF_MAP) || is(msg::END_OF_SEQ)) {
        const bool item = at < text_.size() && text_[at] == '-';
        report("E0121",
               "this line does not fit between the lines above it (its indentation is not that of a key or item there)",
               at, 1,
               item ? "start every item of a list with '- ' at the same column"
                    : "give all keys of a map the same indentation, and put ':' behind each");
    } else if (is(msg::MAP_VALUE)) {
        report("E0120", "a ':' stands where no key can be", at, 1,
               "put a text that holds ': ' in quotes; check the indentation of this line");
    } else if (is(msg::MAP_KEY) || is(msg::BLOCK_ENTRY)) {
        report("E0121", "a key or a list item cannot start here (its indentation does not fit)", at, 1,
               "start it on a line of its own");
    } else if (is(msg::UNKNOWN_TOKEN)) {
        report("E0122", fmt::format("a value cannot start with {}", shown(std::string_view{text_}.substr(at, 1))), at,
               1, "put the text in quotes");
    } else if (is(msg::BAD_FILE)) {
        report("E0110", "values are nested too deeply", at, 1);
    } else if (is(msg::ZERO_INDENT_IN_BLOCK) || is(msg::CHAR_IN_BLOCK)) {
        report("E0103", "a block text is announced wrongly ('|' or '>' stands alone at the end of its line)", at, 1);
    } else {
        report("E0103", "this is not YAML that can be read", at, 1);
    }
}

std::optional<Node> YamlReader::read() {
    if (!check_bytes()) return std::nullopt;
    LeashedText input{text_, limits_.value_bytes};
    try {
        try {
            std::istream stream{&input};
            YAML::Parser parser{stream};
            Events events{*this, input};
            while (parser.HandleNextDocument(events)) {
            }
            if (input.stopped()) stop_too_long();
        } catch (const YAML::Exception& exception) {
            if (input.stopped()) {
                stop_too_long();
            } else {
                explain(exception.msg, static_cast<std::size_t>(std::max(exception.mark.pos, 0)));
            }
        }
        if (sink_.errors() == errors_before_ && raws_.size() < 2) {
            report("E0117", "the file is empty", 0, 1);
        }
        Node root;
        if (raws_.size() > 1 && stack_.empty()) build(1, span(raws_[1].offset), root);
        if (sink_.errors() == errors_before_) return root;
    } catch (const Stop&) {
    }
    return std::nullopt;
}

void YamlReader::build(std::uint32_t index, const SourceSpan& key_span, Node& out) {
    const Raw& raw = raws_[index];
    if (raw.target != 0) {
        build(raw.target, key_span, out);
        return;
    }
    out.kind = raw.kind;
    out.span = raw.kind == NodeKind::null ? key_span : span(raw.offset, raw.length);
    if (raw.kind == NodeKind::scalar) {
        out.text = raw.text;
        out.quoted = raw.quoted;
        out.block = raw.block;
        out.exact = raw.exact;
    } else if (raw.kind == NodeKind::sequence) {
        out.items.reserve(raw.children);
        for (std::uint32_t child = raw.first; child != 0; child = raws_[child].next) {
            build(child, span(raws_[child].offset), out.items.emplace_back());
        }
    } else if (raw.kind == NodeKind::map) {
        build_map(raw, out);
    }
}

void YamlReader::build_map(const Raw& raw, Node& out) {
    out.entries.reserve(raw.children / 2);
    std::unordered_map<std::string_view, std::uint32_t> seen;
    for (std::uint32_t child = raw.first; child != 0 && raws_[child].next != 0; child = raws_[raws_[child].next].next) {
        const Raw& key = raws_[child];
        const SourceSpan key_span = span(key.offset, key.length);
        if (key.text == "<<" && !key.quoted) {
            report("E0106", "merge keys ('<<') are not read", key.offset, key.length,
                   "write the keys out, or use based_on: and set: in a scenario");
            continue;
        }
        const auto [known, is_new] = seen.try_emplace(key.text, child);
        if (!is_new) {
            const Raw& first = raws_[known->second];
            report("E0107", fmt::format("key {} is given twice", shown(key.text)), key.offset, key.length,
                   "remove one of the two", {{span(first.offset, first.length), "first given here"}});
            continue;
        }
        NodeEntry& entry = out.entries.emplace_back();
        entry.key = key.text;
        entry.key_span = key_span;
        build(key.next, key_span, entry.value);
    }
}

}  // namespace proeftuin
