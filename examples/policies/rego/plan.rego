# conftest test plan.json --policy rego
# opa eval --data rego --input plan.json --fail-defined 'data.main.deny[_]'
package main

import rego.v1

deny contains message if {
	some change in input.resource_changes
	change.type == "kobo_plm_webhooks"
	"delete" in change.change.actions
	message := sprintf("%s: webhooks are not deleted", [change.address])
}

deny contains message if {
	some change in input.resource_changes
	change.type == "kobo_plm_webhooks"
	not "delete" in change.change.actions
	not startswith(change.change.after.url, "https://hooks.acme.example/")
	message := sprintf("%s: a webhook posts to our own hosts", [change.address])
}

deny contains message if {
	created := [change | some change in input.resource_changes; "create" in change.change.actions]
	count(created) > 20
	message := sprintf("%d objects would be created, and 20 are the most", [count(created)])
}
