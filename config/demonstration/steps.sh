# The steps of the walk. Sourced by walk, which sets programs, demo, once and the programme's names.

width=100

title() {
    printf '\n%s\n' "$1"
    printf '%*s\n' "${#1}" '' | tr ' ' '='
}

# Seconds after the close of bids at which bids are revealed and awards made.
reveal_after=1
award_after=6
# How long after its award a standstill ends; the contract asks for 2 seconds at least.
standstill=3s

number=0
step() {
    number=$((number + 1))
    printf '\n%d. %s\n\n' "$number" "$1"
}

paragraph() { printf '%s\n' "$*" | fold -s -w "$width" | sed 's/ *$//; s/^/   /'; }

give_up() {
    printf '\nThe demonstration stopped: %s\n' "$1" >&2
    exit 1
}

# --- wallets and the node

# tally_as PERSON ARGUMENT...: runs the wallet of one person, for machines. Messages go to a file.
tally_as() {
    local home="$demo/wallets/$1"
    shift
    TALLY_HOME="$home" "$programs/tally" --json --yes --no-input --passphrase-file "$home/passphrase" "$@" \
        2>"$demo/messages"
}

# signed PERSON WHO ARGUMENT...: has the person sign and send an action, and shows the sentence and the answer.
# The answer's JSON is left in `answer`.
signed() {
    local person=$1 who=$2 code=0
    shift 2
    answer=$(tally_as "$person" "$@") || code=$?
    [ "$code" = 0 ] || give_up "tally $* ended with $code: $answer $(cat "$demo/messages")"
    tell_signed "$who"
}

tell_signed() {
    paragraph "$1 signed: $(jq -r '.sentence' <<<"$answer")"
    paragraph "The ledger answered: $(jq -r '.result' <<<"$answer"), in block $(jq -r '.height' <<<"$answer")."
    local movement
    while IFS= read -r movement; do
        [ -z "$movement" ] || paragraph "   $movement"
    done < <(jq -r "$movements_in_words" <<<"$answer")
    printf '\n'
}

# Amounts are hundredths in JSON.
credits_filter='def credits: tonumber | "\(. / 100 | floor).\(. % 100 | tostring | if length < 2 then "0" + . else . end)";'
movements_in_words="$credits_filter"'
  .movements[]? | "\(.amount | credits) credits "
  + (if .from_account == .to_account then "of \(.to_account) were \(.from), are now \(.to)"
     else "from \(.from_account) to \(.to_account)" end)'

new_person() {
    local home="$demo/wallets/$1"
    mkdir -p -m 700 "$home"
    # A demonstration's passphrase is no secret; yours is.
    (umask 077 && printf 'demonstration %s\n' "$1" >"$home/passphrase")
    tally_as "$1" key create "$1" --recovery-file "$home/recovery-sheet.txt" >"$demo/answer" ||
        give_up "no key could be made for $1: $(cat "$demo/messages")"
}

public_key_of() { tally_as "$1" key show "$1" | jq -r '.public_key'; }

proof_of() { # PERSON ACCOUNT: the file with the proof of the person's key for that account
    tally_as "$1" --key "$1" key proof --account "$2" --ledger "$ledger_id" >"$demo/wallets/$1/proof.json"
    printf '%s' "$demo/wallets/$1/proof.json"
}

join() { # PERSON ACCOUNT
    tally_as "$1" --node "$address" --key "$1" profile add demo --account "$2" --trust "$demo/trust.json" >/dev/null
}

start_ledger() {
    node_data=$demo/data
    rm -rf "$demo"
    mkdir -p "$demo/wallets"
    local person
    for person in officer builder ann bob; do new_person "$person"; done
    step "One authority starts a ledger and its node"
    "$programs/tallyd" init --data "$demo/data" --name "$authority-credits" --authority "$authority" \
        --display-name "$authority_name" --identifier "$authority_identifier" \
        --signer "$(public_key_of officer)" --parameter reveal_seconds=4 --json >"$demo/init.json" 2>"$demo/messages"
    ledger_id=$(jq -r '.ledger_id' "$demo/init.json")
    "$programs/tallyd" genesis prove --data "$demo/data" --proof "$(proof_of officer "$authority")" \
        >/dev/null 2>"$demo/messages" || give_up "the ledger could not begin: $(cat "$demo/messages")"
    "$programs/tallyd" serve --data "$demo/data" --listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 \
        >"$demo/node.out" 2>"$demo/node.log" &
    node=$!
    if [ "$once" = yes ]; then trap 'kill "$node" 2>/dev/null || true' EXIT; fi
    local waited=0
    until grep -q 'API http' "$demo/node.out" 2>/dev/null; do
        kill -0 "$node" 2>/dev/null || give_up "the node did not start: $(tail -n 3 "$demo/node.log")"
        [ "$waited" -lt 300 ] || give_up "the node did not start within 30 seconds"
        sleep 0.1
        waited=$((waited + 1))
    done
    address=$(jq -r '.api' "$demo/data/run/addresses.json")
    "$programs/tallyd" trust --data "$demo/data" -o "$demo/trust.json" >/dev/null 2>"$demo/messages"
    join officer "$authority"
    paragraph "Ledger $authority-credits, node at $address. The trust file (build/demo/trust.json) names the" \
        "authority's key; whoever has it can check everything that follows without asking anyone."
}

# --- the steps

# Bids stay open for as long as four people need on this machine to say what they do: four times what registering took.
bidding_seconds=8

register_parties() {
    local begun
    begun=$(date +%s)
    signed officer "$authority" account register "$supplier" --role supplier --identifier "$supplier_identifier" \
        --name "en=$supplier_name" --proof "$(proof_of builder "$supplier")"
    signed officer "$authority" account register "$project" --role project --identifier "$project_identifier" \
        --name "en=$project_name" --proof "$(proof_of ann "$project")" --proof "$(proof_of bob "$project")" \
        --limit 200 --above 2
    join builder "$supplier"
    join ann "$project"
    join bob "$project"
    local needed=$((4 * ($(date +%s) - begun)))
    [ "$needed" -le "$bidding_seconds" ] || bidding_seconds=$needed
}

contract_is_open() {
    contract="$authority:$ocid"
    closes=$(($(date +%s) + bidding_seconds))
}

open_contract() {
    contract_is_open
    local arguments=() price
    for price in "${prices[@]}"; do arguments+=(--price "$price"); done
    signed officer "$authority" contract open "$contract" --value "$value_pounds" --rate 200:100 "${arguments[@]}" \
        --outcome "$outcome" --ward "$ward" --bids-close "+${bidding_seconds}s" --standstill 2s --deadline +300d
}

accredit_group() {
    signed ann "$project (Ann)" accreditation apply "$contract" --outcome "$outcome" --ward "$ward"
    signed officer "$authority" accreditation grant "$contract" "$project" --outcome "$outcome" --ward "$ward" \
        --expires +250d --reason relevant-to-outcomes
    signed ann "$project (Ann)" need publish "$contract" --resource "${commitment[0]%%:*}" --quantity 3 --by +200d \
        --ward "$ward"
}

wait_until() { # SECONDS: until the clock says so
    while [ "$(date +%s)" -lt "$1" ]; do sleep 0.2; done
}

seal_and_reveal() {
    local arguments=() line resource quantity
    for line in "${commitment[@]}"; do
        IFS=: read -r resource quantity _ <<<"$line"
        arguments+=(--line "$project:$resource:$quantity:$outcome:$ward:+180d")
    done
    signed builder "$supplier" bid seal "$contract" "${arguments[@]}"
    paragraph "Bids close; every bidder reveals."
    printf '\n'
    wait_until $((closes + reveal_after))
    signed builder "$supplier" bid reveal "$contract"
}

award_and_issue() {
    wait_until $((closes + award_after))
    local arguments=() at
    for at in "${!commitment[@]}"; do arguments+=(--revealed "$at"); done
    signed officer "$authority" award make "$contract" "$supplier" "${arguments[@]}" --standstill-ends "+$standstill"
    award=$(jq -r '.id' <<<"$answer")
    local waited=0
    until [ "$(tally_as builder award show "$award" | jq -r '.. | .status? // empty' | head -n 1)" = issued ]; do
        [ "$waited" -lt 100 ] || give_up "the ledger did not issue the award"
        sleep 0.2
        waited=$((waited + 1))
    done
    paragraph "The standstill is over. Nobody signed this: the ledger issued the credits at the time that the award named."
    tally_as builder account balances >"$demo/answer" ||
        give_up "the supplier's balance could not be proved: $(cat "$demo/messages")"
    paragraph "Proved: $supplier holds $(jq -r "$credits_filter"' .total.available | credits' "$demo/answer") credits."
}

pass_on() {
    local at line quantity
    for at in "${!commitment[@]}"; do
        line=${commitment[$at]}
        IFS=: read -r _ quantity _ <<<"$line"
        signed builder "$supplier" transfer pass "$award" --line "$at" --quantity "$quantity" --to "$project"
    done
}

redeem() {
    local arguments=() line resource quantity code=0
    for line in "${commitment[@]}"; do
        IFS=: read -r resource quantity _ <<<"$line"
        arguments+=(--line "$resource:$quantity:$outcome:$ward")
    done
    answer=$(tally_as ann redemption request --contract "$contract" --supplier "$supplier" "${arguments[@]}" \
        --wanted-by +150d --draft "$demo/redemption.draft") || code=$?
    [ "$code" = 8 ] || give_up "the request did not wait for a second signer: $answer $(cat "$demo/messages")"
    paragraph "Ann signed: $(jq -r '.sentence' <<<"$answer")"
    paragraph "That is above what one person may move, so it waits in the file redemption.draft. Bob opens it, reads the" \
        "same sentence, and approves."
    printf '\n'
    signed bob "Bob" draft approve "$demo/redemption.draft"
    redemption=$(jq -r '.id' <<<"$answer")
}

deliver() {
    signed builder "$supplier" redemption accept "$redemption" --date +160d
    local at line resource achieved
    for at in "${!commitment[@]}"; do
        line=${commitment[$at]}
        IFS=: read -r resource _ achieved <<<"$line"
        printf 'Demonstration evidence for %s\n' "$resource" >"$demo/evidence-$resource.txt"
        signed builder "$supplier" delivery record "$redemption" --line "$at" --quantity "$achieved" \
            --evidence "$demo/evidence-$resource.txt"
    done
}

confirm_and_verify() {
    local lines=() at achieved code=0
    for at in "${!commitment[@]}"; do
        IFS=: read -r _ _ achieved <<<"${commitment[$at]}"
        lines+=("$redemption:$at:$achieved")
    done
    answer=$(tally_as ann delivery confirm "${lines[@]}" --draft "$demo/confirmation.draft") || code=$?
    [ "$code" = 8 ] || give_up "the confirmation did not wait for a second signer: $answer $(cat "$demo/messages")"
    paragraph "Ann signed: $(jq -r '.sentence' <<<"$answer")"
    printf '\n'
    signed bob "Bob" draft approve "$demo/confirmation.draft"
    signed officer "$authority" delivery verify "${lines[@]}"
    verified=$(jq -r '.id' <<<"$answer")
    paragraph "Those credits are retired: they count as achieved, and nobody can spend them again."
}

show_proofs() {
    tally_as officer receipt get "$verified" -o "$demo/receipt.tally" >/dev/null ||
        give_up "no receipt could be had: $(cat "$demo/messages")"
    paragraph "The receipt of the verification is build/demo/receipt.tally. Checked offline, against the trust file alone:"
    printf '\n'
    TALLY_HOME="$demo/wallets/nobody" "$programs/tally" receipt verify "$demo/receipt.tally" \
        --trust "$demo/trust.json" 2>/dev/null | fold -s -w "$width" | sed 's/ *$//; s/^/     /' ||
        give_up "the receipt did not verify"
    cp "$demo/receipt.tally" "$demo/altered.tally"
    printf 'X' | dd of="$demo/altered.tally" bs=1 seek=200 conv=notrunc status=none
    local code=0
    TALLY_HOME="$demo/wallets/nobody" "$programs/tally" receipt verify "$demo/altered.tally" \
        --trust "$demo/trust.json" >"$demo/answer" 2>"$demo/messages" || code=$?
    [ "$code" = 1 ] || give_up "an altered receipt was not rejected"
    printf '\n'
    paragraph "The same receipt with one byte altered: $(head -n 1 "$demo/messages")"
    rm -f "$demo/altered.tally"
    "$programs/tallyd" export --data "$node_data" -o "$demo/ledger.export" >/dev/null 2>"$demo/messages"
}

show_table() {
    local report
    report=$(tally_as officer contract report "$contract" --by resource) || give_up "the report could not be had"
    printf '\n   Proposed against achieved, from the ledger, in units and credits:\n\n'
    printf '     %-36s %9s %9s %9s %12s\n' "resource" "proposed" "delivered" "verified" "credits"
    jq -r "$credits_filter"'
      .rows[] | [(.resource // .name // "?"), .units.promised, .units.delivered, .units.verified,
                 (.credits.verified | credits)] | @tsv' <<<"$report" |
        while IFS=$'\t' read -r resource proposed delivered achieved worth; do
            printf '     %-36s %9s %9s %9s %12s\n' "$resource" "$proposed" "$delivered" "$achieved" "$worth"
        done
    printf '\n   For comparison, a real contract as it was published, with nothing behind the figures that a reader\n'
    printf '   could check: the Northern Spire bridge, Sunderland (Social Enterprise UK, 2019):\n\n'
    printf '     %-40s %9s %9s\n' "activity" "proposed" "achieved"
    local row activity proposed achieved
    for row in "${northern_spire[@]}"; do
        IFS='|' read -r activity proposed achieved <<<"$row"
        printf '     %-40s %9s %9s\n' "$activity" "$proposed" "$achieved"
    done
}

finish() {
    printf '\n'
    if [ "$once" = yes ]; then
        kill -TERM "$node"
        wait "$node" || give_up "the node did not stop in order: $(tail -n 3 "$demo/node.log")"
        trap - EXIT
        paragraph "The node has stopped. What the walk made is in build/demo."
        return
    fi
    disown "$node"
    paragraph "The node is still running at $address (process $node). Stop it with: kill $node"
    paragraph "Look around as the council's officer:"
    paragraph "  TALLY_HOME=build/demo/wallets/officer build/release/tally contract report $contract"
}
