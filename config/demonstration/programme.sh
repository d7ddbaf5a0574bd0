# The demonstration programme. Everything here is FICTIONAL: authority, organisations, prices and dates. Only the
# quantities that the supplier proposes are taken from a real contract's published figures (northern_spire below).
# Sourced by walk.

authority=northshire
authority_name="Northshire Council (fictional)"
authority_identifier=GB-LAE:XNSH
supplier=northshire/harbour-bridge
supplier_name="Harbour Bridge Builders Ltd (fictional)"
supplier_identifier=GB-COH:00000999
project=northshire/quayside-youth-trust
project_name="Quayside Youth Trust (fictional)"
project_identifier=GB-CHC:9999999
ocid=ocds-fictional-river-crossing
value_pounds=2500000
outcome=young-people-into-work
ward=E05999999

# resource : kind : unit : credits a unit : deadweight in basis points
prices=(
    work-placement:time:day:120:1000
    site-visit:time:hour:45
    skills-workshop:time:hour:30:2000
    laptop:materials:item:250
)
# resource : quantity that the supplier commits : quantity that comes and is confirmed
commitment=(
    work-placement:3:3
    site-visit:10:10
    skills-workshop:25:20
)

# The Northern Spire bridge in Sunderland: activity | proposed | achieved, as published in Social Enterprise UK,
# "Front and Centre" (2019), appendix C. Facts, for comparison.
northern_spire=(
    "Work placement (16 to 19 years)|3|56"
    "Work placement (14 to 16 years)|1|7"
    "Curriculum support|3|3"
    "Graduates|1|9"
    "Apprentice starts|3|5"
    "Existing apprentices|2|4"
    "Apprentice completions|1|1"
    "Jobs advertised locally|8|16"
    "Aspire programme|20|47"
    "Site visits|10|97"
    "Teacher insight visits|20|24"
    "Research projects|3|4"
    "Considerate constructors presentation|20|29"
    "Safety visits|2|6"
    "Careers in construction|20|1560"
    "Employability skills workshop|25|91"
)
