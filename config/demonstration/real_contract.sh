# A real contract and a real community group out of published files, instead of the fictional ones. Sourced by walk
# when ./run was given --data. What the supplier promises and delivers stays the demonstration's.

# choose_real_contract: the first awarded notice in DATA/contracts whose supplier has a company number, and the first
# recipient in DATA/organisations with a charity number.
choose_real_contract() {
    contracts_file='' groups_file='' chosen='' group=''
    local file
    for file in "$data"/contracts/*.json; do
        [ -e "$file" ] || continue
        chosen=$(jq -c "$awarded_notices" "$file" 2>/dev/null | preferred_notice) || true
        [ -z "$chosen" ] || { contracts_file=$file && break; }
    done
    [ -n "$chosen" ] || give_up "no awarded notice with a named buyer and a supplier's company number in $data/contracts"
    for file in "$data"/organisations/*.json; do
        [ -e "$file" ] || continue
        group=$(jq -c "$groups_with_number" "$file" 2>/dev/null | head -n 1) || true
        [ -z "$group" ] || { groups_file=$file && break; }
    done
    [ -n "$group" ] || give_up "no recipient with a charity number in $data/organisations"
    authority=$(jq -r '.buyer' <<<"$chosen" | handle_part)
    authority_name=$(jq -r '.buyer' <<<"$chosen")
    authority_identifier=DEMO:$authority
    supplier="$authority/$(jq -r '.supplier' <<<"$chosen" | handle_part)"
    supplier_name=$(jq -r '.supplier' <<<"$chosen")
    supplier_identifier="GB-COH:$(jq -r '.company' <<<"$chosen")"
    project="$authority/$(jq -r '.name' <<<"$group" | handle_part)"
    project_name=$(jq -r '.name' <<<"$group")
    project_identifier="GB-CHC:$(jq -r '.charity' <<<"$group")"
    ward=$(jq -r '.ward' <<<"$group")
    ocid=$(jq -r '.ocid' <<<"$chosen")
}

awarded_notices='
  .releases[] | select(.ocid and .buyer.name and (.awards[0].value.amount // 0) >= 100000) | . as $release
  | .awards[0].suppliers[0] as $reference
  | ([.parties[]? | select(.id == $reference.id)][0] // {}) as $party
  | (if ($party.identifier.scheme // "") == "GB-COH" then $party.identifier.id
     elif ($reference.id | startswith("GB-COH-")) then ($reference.id | ltrimstr("GB-COH-")) else null end) as $company
  | select($company != null and ($company | test("^[0-9A-Za-z]{6,8}$")))
  | {ocid, buyer: .buyer.name, supplier: $reference.name, company: $company, value: .awards[0].value.amount}'

groups_with_number='
  .grants[] | .recipientWardNameGeoCode as $ward | .recipientOrganization[0]
  | select(.name and (.charityNumber // "" | test("^[0-9]{6,7}$")) and $ward)
  | {name, charity: .charityNumber, ward: $ward}'

# A name as a part of a handle: as the importer makes them, for ASCII names.
handle_part() {
    tr '[:upper:]' '[:lower:]' | tr -cd "a-z0-9 \n-" | tr -s ' ' '-' | cut -c1-40 | sed 's/^-*//; s/-*$//'
}

say_real_contract() {
    paragraph "The contract, its buyer, its supplier and the community group are read from published records" \
        "($(basename "$contracts_file"), $(basename "$groups_file")). They have nothing to do with this demonstration:" \
        "prices, promises, dates and deliveries are fictional, and so is the connection between them."
    step "The authority looks at its published files before anything of them goes onto the ledger"
    local file
    for file in "$data"/contracts/*.json; do
        paragraph "$(basename "$file"): $("$programs/tallyd" import preview contracts "$file" | head -n 1)"
    done
    for file in "$data"/organisations/*; do
        paragraph "$(basename "$file"): $("$programs/tallyd" import preview organisations "$file" | head -n 1)"
    done
}

# The contract goes onto the ledger by the importer: a template adds what the notice does not say.
open_contract() {
    contract_is_open
    local terms="$demo/terms.toml" price resource kind unit credits deadweight
    {
        printf 'authority = "%s"\nocids = ["%s"]\n' "$authority" "$ocid"
        printf 'outcomes = ["%s"]\nwards = ["%s"]\n' "$outcome" "$ward"
        printf 'bids_close = %s\nstandstill_days = 0\n' "$(date -u -d "@$closes" +%Y-%m-%dT%H:%M:%SZ)"
        printf 'redemption_deadline = %s\n' "$(date -u -d '+300 days' +%Y-%m-%dT%H:%M:%SZ)"
        printf '[allocation]\nbasis_points = 200\npence_per_credit = 100\n'
        for price in "${prices[@]}"; do
            IFS=: read -r resource kind unit credits deadweight <<<"$price"
            printf '[[price]]\nresource = "%s"\nkind = "%s"\nunit = "%s"\ncredits = "%s"\n' \
                "$resource" "$kind" "$unit" "$credits"
            printf 'deadweight_basis_points = %s\n' "${deadweight:-0}"
        done
    } >"$terms"
    "$programs/tallyd" import preview contracts "$contracts_file" --template "$terms" --bodies "$demo/contract.bodies" \
        >"$demo/answer" || give_up "the importer prepared nothing: $(cat "$demo/answer")"
    paragraph "Notice $ocid: the value is the notice's; price list, outcomes, wards and dates come from a template."
    local sentence
    sentence=$(tally_as officer bodies show "$demo/contract.bodies" | jq -r '.items[0].sentence') ||
        give_up "the prepared body could not be shown: $(cat "$demo/messages")"
    paragraph "$authority signed: $sentence"
    answer=$(tally_as officer bodies send "$demo/contract.bodies") ||
        give_up "the prepared body was not taken: $answer $(cat "$demo/messages")"
    paragraph "The ledger answered: $(jq -r '.items[0].result' <<<"$answer"), in block $(jq -r '.items[0].height' <<<"$answer")."
}

# The first notice of a council, or else the first of all.
preferred_notice() {
    local all
    all=$(cat)
    grep -i -m 1 '"buyer":"[^"]*\(council\|borough\|county\)' <<<"$all" || head -n 1 <<<"$all"
}
