#include <algorithm>

#include "model/band.h"
#include "text/html.h"
#include "text/human_number.h"
#include "web/api.h"
#include "web/headline.h"
#include "web/page_sources.h"
#include "web/page_words.h"

namespace aiops {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="15">
<link rel="icon" href="data:,"><link rel="stylesheet" href="page.css">
)";

// "a · b", without those that are empty.
std::string Dotted(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts)
    if (!part.empty()) out += (out.empty() ? "" : " · ") + part;
  return out;
}

// Names of the daemon's that stand within its sentences.
std::set<std::string> NamesOf(const View& view) {
  std::set<std::string> names{"log_only", "nginx_log"};
  for (const Scope& scope : view.scopes)
    for (const Feature& feature : scope.features) names.insert(feature.name);
  for (const ActiveFact& fact : view.facts) names.insert(fact.name);
  return names;
}

// Makes the page, top to bottom.
class Summary {
 public:
  Summary(const View& view, Time now) : view_(view), now_(now), names_(NamesOf(view)) {}

  std::string Make() {
    AddHeadline();
    AddOpen();
    AddEntities();
    AddHealth();
    AddJobs();
    out_ += "<footer class=\"soft\"><span>aiops_exporter " + Html(view_.version) +
            "</span> <a href=\"metrics\">metrics</a> <a href=\"health\">health</a> "
            "<a href=\"anomalies\">anomalies</a> <span>" +
            Html(FormatTime(now_)) + "</span></footer></body></html>\n";
    return std::move(out_);
  }

 private:
  std::string Sentence(std::string_view text) const { return Html(Worded(text, names_)); }
  std::string LastAndNext(const std::string& did, std::optional<Time> last,
                          std::optional<Time> next) const;
  std::string JudgedWords(std::optional<Time> at) const {
    return at && *at != Time{} ? "judged " + AgoWords(at, now_) : "not judged yet";
  }
  void AddHeadline();
  void AddSilences();
  void AddOpen();
  void AddEntities();
  void AddFeatures(const Scope& scope, const EntityView& e);
  void AddHealth();
  void AddJobs();
  void AddCheck(const std::string& name, SourceState state, const std::string& text,
                const std::string& meta);

  const View& view_;
  const Time now_;
  const std::set<std::string> names_;
  std::string out_{kHead};
};

// The same sentence as on the page.
void Summary::AddHeadline() {
  const Headline h = MakeHeadline(view_, now_, HealthReasons(view_, now_));
  const std::string what = Html(h.what);
  out_ += "<title>" + what + " · aiops</title></head><body class=\"summary\" data-state=\"" +
          h.state + "\">\n<header class=\"headline\"><div><h1><span id=\"what\">" + what +
          "</span>";
  if (h.since) out_ += " for " + SpanWords(now_ - *h.since);
  if (h.until) out_ += ", judges " + AgoWords(h.until, now_);
  if (!h.detail.empty()) out_ += "<bdi id=\"detail\">" + Sentence(h.detail) + "</bdi>";
  out_ += "</h1><p class=\"soft\">" +
          Dotted({h.since ? "Since " + Html(FormatTime(*h.since)) : "",
                  JudgedWords(view_.last_round)}) +
          "</p>";
  AddSilences();
  if (view_.tryout)
    out_ +=
        "<p class=\"soft\">This is a try-out: rounds in seconds, and a database of its own. With "
        "an <code>aiops.yml</code> it runs at the shipped intervals.</p>";
  out_ += "</div></header>\n";
}

// Who reads "all quiet" should know that somebody asked for silence.
void Summary::AddSilences() {
  std::string list;
  for (const Silence& s : view_.silences) {
    if (!s.Covers(now_)) continue;
    const std::string whom = !s.entity.empty()  ? s.entity
                             : !s.scope.empty() ? "scope " + s.scope
                                                : "everything";
    const std::string said = Dotted({s.by.empty() ? "" : "by " + s.by, s.why});
    list += "<li>" + std::string(s.kind == SilenceKind::kMute ? "Muted: " : "Maintenance: ") +
            Html(whom) + ", ends " + AgoWords(s.ends_at, now_) +
            (said.empty() ? "" : " (" + Html(said) + ")") + "</li>";
  }
  if (!list.empty()) out_ += "<ul class=\"silences\">" + list + "</ul>";
}

std::string VerdictHtml(Verdict verdict) {
  return "<b class=\"is-" + std::string(ToString(verdict)) + "\">" +
         std::string(VerdictWords(verdict)) + "</b>";
}

// What people said about it.
std::string SaidOf(const Anomaly& a) {
  const auto said = [](const std::string& what, const std::string& by, const std::string& why) {
    return what + (by.empty() ? "" : " by " + by) + (why.empty() ? "" : ": " + why);
  };
  return Dotted(
      {a.acknowledged_at ? said("acknowledged", a.acknowledged_by, a.acknowledged_why) : "",
       a.mark == Mark::kNone
           ? ""
           : said("marked as " + std::string(MarkWords(a.mark)), a.marked_by, a.marked_why)});
}

void Summary::AddOpen() {
  if (view_.open.empty()) return;
  out_ += "<h2>Open</h2>";
  for (const Anomaly& a : view_.open) {
    out_ += "<p>" + VerdictHtml(ToVerdict(a.severity)) + " <a href=\"anomalies/" +
            std::to_string(a.id) + "\">" + Html(a.key.entity) + "</a> " + Sentence(a.summary) +
            "<br><span class=\"soft\">" +
            Dotted({"for " + SpanWords(now_ - a.started_at), Html(SaidOf(a))}) + "</span></p>\n";
  }
}

void Summary::AddEntities() {
  out_ += "<h2>Watched</h2>";
  if (view_.entities.empty()) out_ += "<p class=\"soft\">Nothing has been collected yet.</p>";
  for (const EntityView& e : view_.entities) {
    out_ += "<p>" + VerdictHtml(e.verdict) + " " + Html(e.key.entity) +
            "<br><span class=\"soft\">" +
            Dotted({view_.scopes.size() > 1 ? Html(e.key.scope) : "",
                    IsMissing(e.learned_score)
                        ? ""
                        : "score " + Html(ScoreText(e.learned_score)) + " (1 is a warning)",
                    JudgedWords(e.judged_at)}) +
            "</span>";
    if (!e.reason.empty()) out_ += "<br><span class=\"soft\">" + Sentence(e.reason) + "</span>";
    if (e.ready_at && *e.ready_at > now_)
      out_ +=
          "<br><span class=\"soft\">judges in earnest " + AgoWords(e.ready_at, now_) + "</span>";
    out_ += "</p>\n";
    for (const Scope& scope : view_.scopes)
      if (scope.name == e.key.scope) AddFeatures(scope, e);
  }
}

std::string RemarkHtml(const FeatureScore& f) {
  const std::string remark(RemarkOn(f));
  if (remark.empty()) return "";
  return "<b class=\"is-" + std::string(f.anomalous ? "warning" : "log_only") + "\">" + remark +
         "</b> ";
}

// A side that is never judged is not told.
std::string BandWords(const FeatureScore& f, const std::string& unit, Direction direction) {
  if (IsMissing(f.value)) return "its source has no value";
  if (IsMissing(f.lower) && IsMissing(f.upper)) return "learning what is usual";
  // The other side is told only of what is beyond it.
  return BandText(direction == Direction::kUp && !(f.value < f.lower) ? kMissing : f.lower,
                  direction == Direction::kDown && !(f.value > f.upper) ? kMissing : f.upper, unit);
}

void Summary::AddFeatures(const Scope& scope, const EntityView& e) {
  if (e.score.features.empty()) return;
  out_ += "<table><tr><th>feature<th class=\"n\">value<th>expected</tr>";
  for (size_t i = 0; i < std::min(scope.features.size(), e.score.features.size()); ++i) {
    const FeatureScore& f = e.score.features[i];
    const Feature& feature = scope.features[i];
    out_ += "<tr><td title=\"" + Html(feature.name) + "\">" + Html(NameWords(feature.name)) +
            "<td class=\"n\">" + Html(HumanNumber(f.value, feature.unit)) + "<td>" + RemarkHtml(f) +
            "<span class=\"soft\">" + Html(BandWords(f, feature.unit, feature.direction)) +
            "</span></tr>";
  }
  out_ += "</table>\n";
}

std::string MarkHtml(SourceState state) {
  const bool works = state == SourceState::kWorks, fails = state == SourceState::kFails;
  const std::string style = works ? "yes" : fails ? "no" : "off";
  const std::string label = works ? "works:" : fails ? "does not work:" : "not used:";
  return "<span role=\"img\" class=\"is-" + style + "\" aria-label=\"" + label + "\">" +
         std::string(MarkOf(state)) + "</span>";
}

void Summary::AddCheck(const std::string& name, SourceState state, const std::string& text,
                       const std::string& meta) {
  out_ += "<li>" + MarkHtml(state) + "<div><b title=\"" + Html(name) + "\">" +
          Html(PartWords(name)) + "</b> " + Sentence(text) +
          (meta.empty() ? "" : "<div class=\"meta\">" + Sentence(meta) + "</div>") +
          "</div></li>\n";
}

std::string Summary::LastAndNext(const std::string& did, std::optional<Time> last,
                                 std::optional<Time> next) const {
  return Dotted(
      {last ? did + " " + AgoWords(last, now_) : "", next ? "next " + AgoWords(next, now_) : ""});
}

void Summary::AddHealth() {
  out_ += "<h2>Sources and health</h2><ul class=\"checks\">";
  for (const SourceCheck& s : SourcesOf(view_)) {
    const auto c = std::find_if(view_.collectors.begin(), view_.collectors.end(),
                                [&](const CollectorView& known) { return known.name == s.name; });
    std::string meta;
    if (c != view_.collectors.end()) {
      meta = LastAndNext("answered", c->last_success, c->next_run);
      for (const std::string& note : c->notes) meta = Dotted({meta, note});
    }
    AddCheck(s.name, s.state, s.detail, meta);
  }
  for (const ReceiverView& r : view_.receivers)
    AddCheck(r.name, r.up ? StateOf(*r.up) : SourceState::kWaits,
             !r.up   ? "has not been told anything yet"
             : *r.up ? "takes what it is told"
                     : r.last_error,
             LastAndNext("told", r.last_success, r.next_send));
  AddCheck("database", StateOf(view_.store.up),
           view_.store.up ? "takes everything" : view_.store.error, "");
  out_ += "</ul>\n";
}

void Summary::AddJobs() {
  out_ += "<h2>Jobs</h2><ul class=\"checks\">";
  for (const JobView& j : view_.jobs)
    AddCheck(j.name, j.last_run ? StateOf(j.last_success >= j.last_run) : SourceState::kWaits,
             LastAndNext("last", j.last_run, j.next_run),
             j.name == "collect" ? AnswersOf(view_) : j.last_result);
  out_ += "</ul>\n";
}

}  // namespace

std::string StatusPage(const View& view, Time now) { return Summary(view, now).Make(); }

}  // namespace aiops
