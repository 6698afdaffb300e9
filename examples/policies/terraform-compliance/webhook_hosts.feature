# terraform-compliance -f terraform-compliance -p plan.json
Feature: Webhooks post to our own hosts

  Scenario: The address of every webhook
    Given I have kobo_plm_webhooks defined
    Then it must have url
    And its value must match the "https://hooks\.acme\.example/.*" regex
