#include "model/band.h"
#include "web/api.h"
#include "web/headline.h"
#include "web/html.h"

namespace aiops {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="15">
<title>aiops_exporter</title><link rel="icon" href="data:,"><link rel="stylesheet" href="page.css">
</head><body class="summary">
)";

std::string MarkHtml(SourceState state) {
  const char* name = state == SourceState::kWorks   ? "yes"
                     : state == SourceState::kFails ? "no"
                                                    : "off";
  return std::string("<span class=\"is-") + name + "\">" + std::string(MarkOf(state)) + "</span>";
}

// The same sentence as on the page.
void AddHeadline(std::string& out, const View& view, Time now) {
  const Headline h = MakeHeadline(view, now, HealthReasons(view, now));
  out += "<p><b class=\"is-" + h.state + "\">" + Html(h.what) + "</b>";
  if (h.since) out += " since " + HtmlAge(h.since, now);
  if (h.until) out += ", judges " + HtmlAge(h.until, now);
  if (!h.detail.empty()) out += ": " + Html(h.detail);
  out += "</p>\n";
}

void AddChecklist(std::string& out, const View& view) {
  if (view.checklist.empty()) return;
  out += "<h2>Sources</h2><ul>";
  for (const SourceCheck& s : view.checklist) {
    out += "<li>" + MarkHtml(s.state) + " <b>" + Html(s.name) + "</b> " + Html(s.detail) + "</li>";
  }
  out += "</ul>\n";
}

std::string VerdictHtml(Verdict verdict) {
  const std::string name(ToString(verdict));
  return "<b class=\"is-" + name + "\">" + name + "</b>";
}

std::string RemarkHtml(const FeatureScore& f) {
  const std::string remark(RemarkOn(f));
  if (remark.empty()) return "";
  return " <b class=\"is-" + std::string(f.anomalous ? "warning" : "log_only") + "\">" + remark +
         "</b>";
}

void AddFeatures(std::string& out, const Scope& scope, const EntityView& e) {
  out += "<div class=\"wrap\"><table><tr><th>feature<th>value<th>expected<th>band<th></tr>";
  for (size_t i = 0; i < std::min(scope.features.size(), e.score.features.size()); ++i) {
    const FeatureScore& f = e.score.features[i];
    const std::string band = IsMissing(f.lower) && IsMissing(f.upper)
                                 ? "–"
                                 : HtmlNumber(f.lower) + " … " + HtmlNumber(f.upper);
    out += "<tr><td>" + Html(scope.features[i].name) + "<td class=\"n\">" + HtmlNumber(f.value) +
           "<td class=\"n\">" + HtmlNumber(f.expected) + "<td class=\"n\">" + band +
           "<td class=\"soft\">" + Html(scope.features[i].unit) + RemarkHtml(f) + "</tr>";
  }
  out += "</table></div>\n";
}

void AddEntities(std::string& out, const View& view, Time now) {
  out += "<h2>Verdicts</h2>";
  if (view.entities.empty()) out += "<p class=\"soft\">Nothing has been collected yet.</p>";
  for (const EntityView& e : view.entities) {
    out += "<p>" + VerdictHtml(e.verdict) + " " + Html(e.key.entity) + " <span class=\"soft\">" +
           Html(e.key.scope) + " · score " + HtmlNumber(e.score.score) + " · judged " +
           HtmlAge(e.judged_at, now) + "</span>";
    if (!e.reason.empty()) out += "<br><span class=\"soft\">" + Html(e.reason) + "</span>";
    if (e.ready_at && *e.ready_at > now) {
      out += "<br><span class=\"soft\">judges in earnest " + HtmlAge(e.ready_at, now) + "</span>";
    }
    out += "</p>\n";
    for (const Scope& scope : view.scopes) {
      if (scope.name == e.key.scope) AddFeatures(out, scope, e);
    }
  }
}

void AddOpen(std::string& out, const View& view, Time now) {
  out += "<h2>Open anomalies</h2>";
  if (view.open.empty()) out += "<p class=\"soft\">None.</p>\n";
  for (const Anomaly& a : view.open) {
    out += "<p>" + VerdictHtml(ToVerdict(a.severity)) + " <a href=\"/anomalies/" +
           std::to_string(a.id) + "\">" + Html(a.key.entity) + "</a> " + Html(a.summary) +
           " <span class=\"soft\">since " + HtmlAge(a.started_at, now) +
           (a.acknowledged_at ? " · acknowledged" : "") + "</span></p>\n";
  }
}

SourceState StateOf(bool works) { return works ? SourceState::kWorks : SourceState::kFails; }

void AddRow(std::string& out, const std::string& name, SourceState state, const std::string& last,
            const std::string& next, const std::string& detail) {
  out += "<tr><td>" + MarkHtml(state) + " " + Html(name) + "<td>" + last + "<td>" + next +
         "<td class=\"soft\">" + Html(detail) + "</tr>";
}

void AddWork(std::string& out, const View& view, Time now) {
  out += "<h2>Work</h2><div class=\"wrap\"><table><tr><th>what<th>last<th>next<th></tr>";
  for (const CollectorView& c : view.collectors) {
    std::string detail = c.error;
    for (const auto& note : c.notes) detail += (detail.empty() ? "" : "; ") + note;
    AddRow(out, c.name, c.ran || c.up ? StateOf(c.up) : SourceState::kWaits,
           HtmlAge(c.last_success, now), HtmlAge(c.next_run, now), detail);
  }
  for (const JobView& j : view.jobs) {
    AddRow(out, j.name, j.last_run ? StateOf(j.last_success >= j.last_run) : SourceState::kWaits,
           HtmlAge(j.last_run, now), HtmlAge(j.next_run, now),
           j.schedule + (j.last_result.empty() ? "" : "; ") + j.last_result);
  }
  for (const ReceiverView& r : view.receivers) {
    AddRow(out, r.name, r.up ? StateOf(*r.up) : SourceState::kWaits, HtmlAge(r.last_success, now),
           HtmlAge(r.next_send, now), r.last_error);
  }
  AddRow(out, "database", StateOf(view.store.up), "–", "–", view.store.error);
  out += "</table></div>\n";
}

}  // namespace

std::string StatusPage(const View& view, Time now) {
  std::string out(kHead);
  out += "<h1>aiops_exporter <span class=\"soft\">" + Html(view.version) + "</span></h1>";
  if (view.tryout) {
    out +=
        "<p class=\"is-warning\">This is a try-out: rounds in seconds and a database of its own. "
        "With "
        "an aiops.yml it runs at the shipped intervals.</p>";
  }
  AddHeadline(out, view, now);
  AddChecklist(out, view);
  AddEntities(out, view, now);
  AddOpen(out, view, now);
  AddWork(out, view, now);
  out +=
      "<p class=\"soft\"><a href=\"/metrics\">/metrics</a> · <a href=\"/health\">/health</a> · <a "
      "href=\"/anomalies\">/anomalies</a> · " +
      Html(FormatTime(now)) + "</p></body></html>\n";
  return out;
}

}  // namespace aiops
