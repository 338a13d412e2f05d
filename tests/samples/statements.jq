# SPDX-License-Identifier: Apache-2.0
# A session as JSON -> one statement per line, in the language of samples/*/expected.txt. A region of a whole function goes by
# the function's name; a loop or critical section inside it has its kind behind a slash.
def key: if .kind == "loop" or .kind == "critical_section" then "\(.function)/\(.kind)" else .function end;

(.regions | map({(.id): key}) | add // {}) as $functions
| (.locks | map({(.id): .name}) | add // {}) as $locks
| (.predictions | map({(.id): .}) | add // {}) as $predictions
| "current \(.program.current_model)",
  "suggested \(.program.suggested_model)",
  (.regions[] | "class \(key) \(.class)"),
  (.verdicts[] | $predictions[.prediction] as $prediction
   | "verdict \(if $prediction.region then $functions[$prediction.region] else "program" end) \($prediction.metric) \(.verdict)"),
  (.advice_verdicts[] | "advice \(.advice) \(.verdict)"),
  ((.findings | map({(.fingerprint): .rule}) | add // {}) as $rules
   | .finding_verdicts // [] | .[] | "finding \($rules[.finding]) \(.verdict)"),
  (.waits[] | select(.lock) | "wait \($locks[.lock]) \(.cause)")
