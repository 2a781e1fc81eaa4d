// JsonCursor: walks one JSON object. Written by hand because access logs hold raw bytes that are
// not UTF-8, for which a JSON library must refuse the whole line.
#pragma once

#include <string>
#include <string_view>

namespace aiops {

// All functions return false, and leave the cursor anywhere, if the text has another form. A
// newline is no white space within a line.
class JsonCursor {
 public:
  // `scratch`, where escaped strings are resolved, must have room for the whole text: views into it
  // stay valid until it is cleared.
  JsonCursor(std::string_view text, std::string& scratch) : text_(text), scratch_(scratch) {}

  bool Take(char c);
  bool AtEnd();
  // The next byte that is no white space, or NUL.
  char Peek();

  // A string's content with its escapes resolved; Skip without.
  bool String(std::string_view& out);
  // A string, number or literal.
  bool Scalar(std::string_view& out);
  // Any value.
  bool Skip();

 private:
  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool Raw(std::string_view& out, bool& escaped);
  std::string_view Unescape(std::string_view raw);

  std::string_view text_;
  std::string& scratch_;
  size_t at_ = 0;
};

}  // namespace aiops
