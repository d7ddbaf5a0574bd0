# Several authorities on one machine: founding, the other authorities' programmes, a death in the middle, equal roots.
# Sourced by network_walk after programme.sh and steps.sh. Everything here is FICTIONAL.

# handle | name | register id | supplier's name | its register id | group's name | its register id
authorities=(
    "northshire|Northshire Council (fictional)|XNSH"
    "eastvale|Eastvale Health Board (fictional)|XEVH"
    "southmoor|Southmoor Police (fictional)|XSMP"
    "westbury|Westbury Homes (fictional)|XWBH"
    "hillfold|Hillfold Council (fictional)|XHFC"
    "lowmarsh|Lowmarsh Fire Service (fictional)|XLFS"
    "midwater|Midwater Council (fictional)|XMWC"
)

# A network takes a block's time from the votes under the block before it. When the last block is more than 10 seconds
# old it first makes an empty one; so what waits for a time waits that long.
reveal_after=4
award_after=16
standstill=10s

declare -A address_of pid_of peer_of

handle_of() { cut -d'|' -f1 <<<"${authorities[$1]}"; }
name_of() { cut -d'|' -f2 <<<"${authorities[$1]}"; }
register_id_of() { cut -d'|' -f3 <<<"${authorities[$1]}"; }
folder_of() { printf '%s/nodes/%s' "$demo" "$1"; }

# Below the ports that the kernel gives away by itself: a node that asks for any port must not get another's.
free_port() {
    python3 -c '
import random, socket
first = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
while True:
    with socket.socket() as probe:
        port = random.randrange(10000, first)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(port)
        break'
}

# The persons of an authority: the first one's have the names of the walk, the others' end in the handle.
person_of() { # ROLE HANDLE
    if [ "$2" = "$authority" ]; then printf '%s' "$1"; else printf '%s-%s' "$1" "$2"; fi
}

found_network() { # HOW MANY
    rm -rf "$demo"
    mkdir -p "$demo/wallets" "$demo/nodes"
    local i handle
    for person in officer builder ann bob; do new_person "$person"; done
    for ((i = 1; i < $1; i++)); do
        handle=$(handle_of "$i")
        for person in officer builder ann; do new_person "$(person_of "$person" "$handle")"; done
    done
    step "$1 authorities that do not answer to each other found a ledger"
    local founders=()
    for ((i = 0; i < $1; i++)); do
        handle=$(handle_of "$i")
        peer_of[$handle]="127.0.0.1:$(free_port)"
        "$programs/tallyd" init --network --data "$(folder_of "$handle")" --name shire-credits --authority "$handle" \
            --display-name "$(name_of "$i")" --identifier "GB-LAE:$(register_id_of "$i")" \
            --signer "$(public_key_of "$(person_of officer "$handle")")" --peer "${peer_of[$handle]}" \
            --parameter reveal_seconds=12 --founder-file "$demo/$handle.founder.json" >/dev/null 2>"$demo/messages" ||
            give_up "$handle could not be set up: $(cat "$demo/messages")"
        founders+=(--founder "$demo/$handle.founder.json")
    done
    paragraph "Each makes a node with a key of its own and one public file: who it is, who signs for it, its node's key" \
        "and address. They exchange these files. From the same files each makes the same ledger; nobody ever sees" \
        "another's key."
    for ((i = 0; i < $1; i++)); do
        "$programs/tallyd" join --data "$(folder_of "$(handle_of "$i")")" "${founders[@]}" --json \
            >"$demo/join.json" 2>"$demo/messages" || give_up "$(handle_of "$i") could not join: $(cat "$demo/messages")"
    done
    ledger_id=$(jq -r '.ledger_id' "$demo/join.json")
    local proofs=()
    for ((i = 0; i < $1; i++)); do
        handle=$(handle_of "$i")
        proofs+=(--proof "$(proof_of "$(person_of officer "$handle")" "$handle")")
    done
    for ((i = 0; i < $1; i++)); do
        handle=$(handle_of "$i")
        "$programs/tallyd" genesis prove --data "$(folder_of "$handle")" "${proofs[@]}" >/dev/null 2>"$demo/messages" ||
            give_up "the ledger could not begin: $(cat "$demo/messages")"
    done
    for ((i = 0; i < $1; i++)); do begin_node "$(handle_of "$i")"; done
    for ((i = 0; i < $1; i++)); do wait_for_node "$(handle_of "$i")"; done
    wait_for_first_block
    "$programs/tallyd" trust --data "$(folder_of "$authority")" -o "$demo/trust.json" >/dev/null 2>"$demo/messages" ||
        give_up "no trust file could be had: $(cat "$demo/messages")"
    for ((i = 0; i < $1; i++)); do
        handle=$(handle_of "$i")
        address=${address_of[$handle]}
        join "$(person_of officer "$handle")" "$handle"
    done
    address=${address_of[$authority]}
    printf '\n'
    paragraph "Ledger shire-credits. Its nodes, each asked by its own organisations:"
    for ((i = 0; i < $1; i++)); do paragraph "   $(name_of "$i"): ${address_of[$(handle_of "$i")]}"; done
    paragraph "The trust file (build/demo/trust.json) names all $1 authorities' keys. A block counts when nodes with more" \
        "than two thirds of the votes have signed it."
}

begin_node() { # HANDLE
    local folder
    folder=$(folder_of "$1")
    rm -f "$folder/run/addresses.json"
    "$programs/tallyd" serve --data "$folder" --listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 \
        --set network.listen="${peer_of[$1]}" >>"$demo/$1.out" 2>>"$demo/$1.log" &
    pid_of[$1]=$!
}

wait_for_node() { # HANDLE
    local folder waited=0
    folder=$(folder_of "$1")
    until [ -f "$folder/run/addresses.json" ]; do
        kill -0 "${pid_of[$1]}" 2>/dev/null || give_up "the node of $1 did not start: $(tail -n 3 "$demo/$1.log")"
        [ "$waited" -lt 600 ] || give_up "the node of $1 did not start within a minute"
        sleep 0.1
        waited=$((waited + 1))
    done
    address_of[$1]=$(jq -r '.api' "$folder/run/addresses.json")
}

wait_for_first_block() {
    local waited=0
    until [ "$(height_at "$authority")" -gt 0 ]; do
        [ "$waited" -lt 300 ] || give_up "the nodes made no first block within 30 seconds"
        sleep 0.1
        waited=$((waited + 1))
    done
}

stop_nodes() {
    local handle
    for handle in "${!pid_of[@]}"; do kill -TERM "${pid_of[$handle]}" 2>/dev/null || true; done
    for handle in "${!pid_of[@]}"; do wait "${pid_of[$handle]}" 2>/dev/null || true; done
}

# --- the other authorities' programmes, each through its own node, told in a line

quietly() { # PERSON ARGUMENT...: signed and sent; the answer's JSON is left in `answer`
    local person=$1 code=0
    shift
    answer=$(tally_as "$person" "$@") || code=$?
    [ "$code" = 0 ] || give_up "tally $* ended with $code: $answer $(cat "$demo/messages")"
}

others_begin() { # HOW MANY: register, open, accredit
    local i handle officer builder ann contract_of
    local begun bidding
    others_close=0
    for ((i = 1; i < $1; i++)); do
        handle=$(handle_of "$i")
        officer=$(person_of officer "$handle") builder=$(person_of builder "$handle") ann=$(person_of ann "$handle")
        begun=$(date +%s)
        quietly "$officer" account register "$handle/builders" --role supplier --identifier "GB-COH:0000099$i" \
            --name "en=Builders for $(name_of "$i")" --proof "$(proof_of "$builder" "$handle/builders")"
        quietly "$officer" account register "$handle/youth-club" --role project --identifier "GB-CHC:999999$i" \
            --name "en=Youth Club (fictional)" --proof "$(proof_of "$ann" "$handle/youth-club")"
        address=${address_of[$handle]}
        join "$builder" "$handle/builders"
        join "$ann" "$handle/youth-club"
        contract_of="$handle:ocds-fictional-$handle"
        # Long enough that the contract stands before its bids close, on a slow machine too.
        bidding=$((2 * ($(date +%s) - begun)))
        [ "$bidding" -ge 3 ] || bidding=3
        quietly "$officer" contract open "$contract_of" --value 100000 --rate 200:100 \
            --price workshop:time:hour:30 --outcome "$outcome" --ward "$ward" --bids-close "+${bidding}s" --standstill 2s \
            --deadline +300d
        [ "$others_close" -ge $(($(date +%s) + bidding)) ] || others_close=$(($(date +%s) + bidding))
        quietly "$ann" accreditation apply "$contract_of" --outcome "$outcome" --ward "$ward"
        quietly "$officer" accreditation grant "$contract_of" "$handle/youth-club" --outcome "$outcome" --ward "$ward" \
            --expires +250d --reason relevant-to-outcomes
        paragraph "$(name_of "$i"), through its own node: a contract, a supplier, a youth club accredited to it."
    done
    address=${address_of[$authority]}
}

others_award() { # HOW MANY: each award is of lines that the supplier signs too
    local i handle contract_of code
    wait_until $((others_close + 1))
    for ((i = 1; i < $1; i++)); do
        handle=$(handle_of "$i")
        contract_of="$handle:ocds-fictional-$handle"
        code=0
        tally_as "$(person_of officer "$handle")" award make "$contract_of" "$handle/builders" \
            --line "$handle/youth-club:workshop:8:$outcome:$ward:+180d" --standstill-ends "+$standstill" \
            --draft "$demo/$handle.draft" >/dev/null || code=$?
        [ "$code" = 8 ] || give_up "the award of $handle did not wait for its supplier: $(cat "$demo/messages")"
        quietly "$(person_of builder "$handle")" draft approve "$demo/$handle.draft"
        paragraph "$(name_of "$i") awarded 8 hours of workshops for $handle/youth-club; its supplier signed too."
    done
}

# --- a death in the middle

kill_a_node() { # HANDLE
    kill -KILL "${pid_of[$1]}"
    wait "${pid_of[$1]}" 2>/dev/null || true
    paragraph "kill -9 ${pid_of[$1]}: the node of $1 is gone in the middle of its work. Nobody tells the others; they go on."
    printf '\n'
}

bring_back() { # HANDLE
    local begun
    begun=$(date +%s%3N)
    begin_node "$1"
    wait_for_node "$1"
    local waited=0
    until [ "$(height_at "$1")" = "$(height_at "$authority")" ]; do
        [ "$waited" -lt 300 ] || give_up "the node of $1 did not catch up"
        sleep 0.2
        waited=$((waited + 1))
    done
    paragraph "The node of $1 was started again. It asked the others for the blocks it had missed, executed them itself," \
        "and stands where they stand after $(($(date +%s%3N) - begun)) ms."
}

ledger_at() { curl -s "${address_of[$1]}/v1/ledger"; }
height_at() { ledger_at "$1" | jq -r '.as_of.height'; }

show_roots() { # HOW MANY
    local i handle waited=0 roots
    until
        roots=$(for ((i = 0; i < $1; i++)); do
            ledger_at "$(handle_of "$i")" | jq -r '"\(.as_of.height) \(.app_state.state_root)"'
        done | sort -u)
        [ "$(wc -l <<<"$roots")" = 1 ]
    do
        [ "$waited" -lt 100 ] || give_up "the nodes do not stand at one root: $roots"
        sleep 0.2
        waited=$((waited + 1))
    done
    printf '     %-12s %8s  %s\n' "node of" "block" "state root"
    for ((i = 0; i < $1; i++)); do
        handle=$(handle_of "$i")
        printf '     %-12s %8s  %s\n' "$handle" $roots
    done
    printf '\n'
    paragraph "$1 nodes that trust nobody executed the same blocks and came to the same bits."
}

finish_network() { # HOW MANY
    printf '\n'
    local i handle
    if [ "$once" = yes ]; then
        trap - EXIT
        for handle in "${!pid_of[@]}"; do kill -TERM "${pid_of[$handle]}"; done
        for handle in "${!pid_of[@]}"; do
            wait "${pid_of[$handle]}" || give_up "the node of $handle did not stop in order: $(tail -n 3 "$demo/$handle.log")"
        done
        paragraph "The nodes have stopped. What the walk made is in build/demo."
        return
    fi
    paragraph "The nodes are still running. Stop them with: kill ${pid_of[*]}"
    for ((i = 0; i < $1; i++)); do
        handle=$(handle_of "$i")
        disown "${pid_of[$handle]}"
        paragraph "   $handle: ${address_of[$handle]}"
    done
}
