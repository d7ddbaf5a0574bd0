"""The node's API against its description, and against everything a stranger might send.

protocol/openapi.yaml is the contract: every path and method of it is asked here, and every answer is held against its
schema; what the description does not list must not be answered."""

import asyncio
import base64
import concurrent.futures
import json
import socket
import tempfile
import time

import jsonschema
import pytest
import websockets
import yaml

from small_ledger import PROTOBUF, ROOT, Node, Programme, ask

DESCRIPTION = yaml.safe_load((ROOT / "protocol" / "openapi.yaml").read_text())
DONE, REFUSED, SKIPPED, MALFORMED = 1, 2, 3, 4
PROBLEM = "application/problem+json"
ABSENT = "ab" * 32


@pytest.fixture(scope="module")
def node():
    with tempfile.TemporaryDirectory() as folder:
        with Node(folder, "--set", "api.request_seconds_max=2") as running:
            yield running


@pytest.fixture(scope="module")
def programme(node):
    return Programme(node)


def schema_at(ref):
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": "#/components/schemas/" + ref,
            "components": DESCRIPTION["components"]}


def validate(content, schema):
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema,
             "components": DESCRIPTION["components"]}
    jsonschema.Draft202012Validator(whole).validate(content)


def resolve(thing):
    while "$ref" in thing:
        found = DESCRIPTION
        for part in thing["$ref"][2:].split("/"):
            found = found[part]
        thing = found
    return thing


def hold_against_description(path, method, answer):
    """The status is listed, the media type is listed for it, and JSON fits the schema."""
    listed = DESCRIPTION["paths"][path][method]["responses"]
    assert str(answer.status) in listed, (path, answer.status, answer.content)
    content = resolve(listed[str(answer.status)]).get("content", {})
    assert answer.media_type in content, (path, answer.media_type)
    if "json" in answer.media_type:
        validate(answer.json(), content[answer.media_type]["schema"])


def problem_of(answer, status, code):
    assert (answer.status, answer.media_type) == (status, PROBLEM), answer.content
    problem = answer.json()
    validate(problem, {"$ref": "#/components/schemas/Problem"})
    assert problem["code"] == code, problem
    return problem


@pytest.fixture(scope="module")
def urls(node, programme):
    """For each GET of the description an address that has an answer."""
    change = node.pb.Change(set_parameter=node.pb.SetParameter(parameter=4, value=1814400))
    proposal = node.do("suffolk", node.pb.Propose(change=change)).hex()
    account = "suffolk%2Fbefriending"
    contract = "suffolk/ocds-b5fd17-1"
    redemption, award = programme.redemption.hex(), programme.award.hex()
    claim = "authority=suffolk&ocid=ocds-b5fd17-1&lot=1&supplier=suffolk/builders"
    return {
        "/v1/envelopes/{id}": f"/v1/envelopes/{redemption}",
        "/v1/ledger": "/v1/ledger", "/v1/genesis": "/v1/genesis", "/v1/trust": "/v1/trust",
        "/v1/refusals": "/v1/refusals",
        "/v1/blocks/{height}": "/v1/blocks/2",
        "/v1/light-blocks/{height}": "/v1/light-blocks/latest",
        "/v1/light-blocks": "/v1/light-blocks?first=1",
        "/v1/trail": "/v1/trail?from=1",
        "/v1/handovers/{segment}": None,  # this ledger is in its first segment; network tests ask for one
        # Nobody joins a ledger of one authority late: state_sync_test.py asks a network.
        "/v1/snapshots": None, "/v1/proposer-priorities/{height}": None,
        "/v1/log/entries": "/v1/log/entries?limit=3",
        "/v1/log/consistency": "/v1/log/consistency?first=0&second=0",
        "/v1/accounts": "/v1/accounts?authority=suffolk",
        "/v1/accounts/{handle}": f"/v1/accounts/{account}",
        "/v1/accounts/{handle}/balances": f"/v1/accounts/{account}/balances",
        "/v1/accounts/{handle}/statement": f"/v1/accounts/{account}/statement",
        "/v1/queue": "/v1/queue?account=suffolk/builders",
        "/v1/authorities": "/v1/authorities?all=true",
        "/v1/proposals": "/v1/proposals?status=in_force",
        "/v1/proposals/{id}": f"/v1/proposals/{proposal}",
        "/v1/contracts": "/v1/contracts?phase=open",
        "/v1/contracts/{authority}/{ocid}": f"/v1/contracts/{contract}?lot=1",
        "/v1/contracts/{authority}/{ocid}/report": f"/v1/contracts/{contract}/report?lot=1",
        "/v1/accreditations": "/v1/accreditations?authority=suffolk&ocid=ocds-b5fd17-1&lot=1",
        "/v1/needs": "/v1/needs?ward=E1", "/v1/bids": "/v1/bids?authority=suffolk",
        "/v1/awards": "/v1/awards?project=suffolk/befriending&status=issued",
        "/v1/awards/{id}": f"/v1/awards/{award}",
        "/v1/redemptions": "/v1/redemptions?open=true",
        "/v1/redemptions/{id}": f"/v1/redemptions/{redemption}",
        "/v1/receipts/outcome/{id}": f"/v1/receipts/outcome/{redemption}",
        "/v1/receipts/redemption/{id}": f"/v1/receipts/redemption/{redemption}",
        "/v1/receipts/balance": f"/v1/receipts/balance?account=suffolk/befriending&{claim}",
        "/v1/receipts/state/{key}": "/v1/receipts/state/01",
        "/v1/outcomes": None,
    }


# --- the description and the server agree


def test_every_get_of_the_description_is_served_and_fits_its_schema(node, urls):
    described = {path for path, methods in DESCRIPTION["paths"].items() if "get" in methods}
    assert described == set(urls)
    for path, url in urls.items():
        if url is None:
            continue
        answer = node.get(url)
        assert answer.status == 200, (url, answer.content)
        hold_against_description(path, "get", answer)
        if "json" in answer.media_type and "items" in answer.json():
            assert answer.json()["items"], f"{url} shows nothing, so its items were not checked"


def test_every_protobuf_answer_of_the_description_is_served(node, urls):
    for path, url in urls.items():
        if url is None:
            continue
        content = DESCRIPTION["paths"][path]["get"]["responses"].get("200", {}).get("content", {})
        if PROTOBUF not in content:
            continue
        answer = ask("GET", node.api + url, headers={"Accept": PROTOBUF})
        assert (answer.status, answer.media_type) == (200, PROTOBUF), url
        assert answer.content


def test_a_parameter_that_no_address_knows_is_named(node, urls):
    for url in urls.values():
        if url is not None:
            joined = url + ("&" if "?" in url else "?") + "colour=red"
            assert "colour" in problem_of(node.get(joined), 400, "unknown_parameter")["detail"]


def test_what_is_not_described_is_not_served(node):
    for url in ("/", "/v1", "/v1/nothing", "/v2/ledger", "/v1/ledger/", "/metrics", "/healthz", "//v1/ledger"):
        problem_of(ask("GET", node.api + url), 404, "unknown_route")
    for path, methods in DESCRIPTION["paths"].items():
        url = path.replace("{id}", ABSENT).replace("{height}", "1").replace("{key}", "01").replace(
            "{handle}", "suffolk").replace("{authority}", "suffolk").replace("{ocid}", "x")
        other = "PUT" if "get" in methods or "post" in methods else "GET"
        answer = ask(other, node.api + url, b"")
        problem_of(answer, 405, "method_not_allowed")
        assert answer.headers["Allow"]


def test_what_is_not_there_is_a_404_that_says_what(node):
    for url, code in (("/v1/accounts/suffolk%2Ffod-bank", "unknown_account"),
                      ("/v1/accounts/norfolk/balances", "unknown_account"),
                      ("/v1/accounts/norfolk/statement", "unknown_account"),
                      ("/v1/queue?account=norfolk", "unknown_account"),
                      ("/v1/contracts/suffolk/none", "unknown_contract"),
                      ("/v1/contracts/suffolk/none/report", "unknown_contract"),
                      (f"/v1/awards/{ABSENT}", "unknown_award"),
                      (f"/v1/redemptions/{ABSENT}", "unknown_redemption"),
                      (f"/v1/envelopes/{ABSENT}", "unknown_envelope"),
                      (f"/v1/receipts/outcome/{ABSENT}", "unknown_envelope"),
                      (f"/v1/receipts/redemption/{ABSENT}", "unknown_redemption"),
                      ("/v1/blocks/99999999", "unknown_block"),
                      ("/v1/light-blocks/99999999", "unknown_block")):
        problem_of(node.get(url), 404, code)


def test_wrong_parameters_are_refused_by_name(node):
    for url in ("/v1/accounts?limit=0", "/v1/accounts?limit=1001", "/v1/accounts?limit=x", "/v1/accounts?limit=1&limit=2",
                "/v1/accounts?cursor=zz", "/v1/accounts?role=king", "/v1/accounts?scheme=GB-COH",
                "/v1/accounts/Suffolk", "/v1/awards/12", "/v1/blocks/x", "/v1/bids?ocid=x", "/v1/queue",
                "/v1/redemptions?open=maybe", "/v1/log/consistency?first=1", "/v1/receipts/state/ff",
                "/v1/receipts/state/zz", "/v1/receipts/balance?account=suffolk",
                "/v1/accounts/suffolk/statement?cursor=1", "/v1/contracts/suffolk/x%20y"):
        problem_of(node.get(url), 400, "bad_parameter")
    problem_of(node.get("/v1/accounts/%zz"), 400, "bad_request")
    problem_of(node.get("/v1/log/consistency?first=9999999&second=99999999"), 400, "log_sizes_out_of_range")


# --- reading


def test_lists_come_in_pages_that_join(node, programme):
    whole = [item["handle"] for item in node.get("/v1/accounts").json()["items"]]
    assert len(whole) == 3
    paged, cursor = [], None
    while True:
        page = node.get("/v1/accounts", limit=1, **({"cursor": cursor} if cursor else {})).json()
        paged += [item["handle"] for item in page["items"]]
        cursor = page.get("next")
        if cursor is None:
            break
    assert paged == whole


def test_a_statement_adds_up_to_the_balance_page_by_page(node, programme):
    path = "/v1/accounts/suffolk%2Fbefriending"
    rows, cursor = [], None
    while True:
        page = node.get(path + "/statement", limit=1, **({"cursor": cursor} if cursor else {})).json()
        if rows:
            assert page["opening_available"] == rows[-1]["total_available"]
        rows += page["items"]
        cursor = page.get("next")
        if cursor is None:
            break
    assert [row["action"] for row in rows] == ["transfer_awarded", "redeem"]
    assert sum(int(row["change"]) for row in rows) == int(rows[-1]["total_available"])
    [balance] = node.get(path + "/balances").json()["items"]
    assert rows[-1]["claim_balance"] == {k: balance[k] for k in ("available", "reserved", "disputed", "confirmed")}
    assert balance["available"] == str(4 * 18000) and balance["reserved"] == str(2 * 18000)
    later = node.get(path + "/statement", **{"from": rows[1]["time"]}).json()
    assert later["items"] == rows[1:] or rows[0]["time"] == rows[1]["time"]


def test_answers_say_as_of_when_and_are_not_sent_twice(node, programme):
    first = node.get("/v1/contracts")
    as_of = first.json()["as_of"]
    assert first.headers["Tallystick-Height"] == str(as_of["height"])
    assert first.headers["Tallystick-Time"] == str(as_of["time"])
    again = ask("GET", node.api + "/v1/contracts", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.content) == (304, b"")
    assert "immutable" in node.get("/v1/blocks/1").headers["Cache-Control"]
    assert node.get("/v1/nothing").headers["Cache-Control"] == "no-store"


def test_receipts_are_files_with_their_magic_or_bare_messages(node, urls):
    for path, url in urls.items():
        if not path.startswith("/v1/receipts/"):
            continue
        file = node.get(url)
        assert file.media_type == "application/vnd.tallystick.receipt"
        magic = b"tallystick receipt 1\n"
        assert file.content.startswith(magic)
        receipt = node.pb.Receipt.FromString(file.content[len(magic):])
        assert receipt.ledger_id == node.ledger_id and receipt.block.header.height > 1


def test_a_dry_run_changes_nothing(node, programme):
    before = node.get("/v1/ledger").json()["app_state"]
    transfer = node.pb.Transfer(claim=programme.claim, amount=10**12, to="suffolk/befriending")
    body = node.body("suffolk/befriending", node.pb.Redeem(claim=programme.claim, wanted_by=int(time.time()) + 9000))
    good = node.body("suffolk", node.pb.DeclineApplication(contract=programme.contract, project=programme.project,
                                                           reason=node.pb.Reason(code=3)))
    for message, result in ((node.body("suffolk/befriending", transfer), "malformed"), (body, "malformed"),
                            (good, "refused")):
        raw = base64.b64encode(message.SerializeToString(deterministic=True)).decode()
        answer = ask("POST", node.api + "/v1/dry-run", json.dumps({"body": raw}).encode(),
                     {"Content-Type": "application/json"})
        hold_against_description("/v1/dry-run", "post", answer)
        assert answer.json()["result"] == result, answer.json()
    assert node.get("/v1/ledger").json()["app_state"] == before


# --- envelopes that must not do harm


def small_need(node, programme):
    return node.pb.PublishNeed(contract=programme.contract, resource="bid-writer", quantity=1,
                               by_when=int(time.time()) + 9000, ward="E1")


def submit_json(node, envelopes, **headers):
    body = json.dumps({"envelopes": [base64.b64encode(e).decode() for e in envelopes]}).encode()
    return ask("POST", node.api + "/v1/envelopes", body, {"Content-Type": "application/json", **headers})


def test_json_and_protobuf_say_the_same_and_a_repetition_gets_the_first_outcome(node, programme):
    envelope = node.sign(node.body(programme.project, small_need(node, programme)))
    first = submit_json(node, [envelope])
    hold_against_description("/v1/envelopes", "post", first)
    [result] = first.json()["results"]
    assert (result["result"], result["status"], result["first_outcome"]) == ("done", 200, False)
    [again] = node.submit(envelope)
    assert (again.state, again.first_outcome, again.id.hex()) == (DONE, True, result["id"])
    assert again.log_index == result["entry"]["log_index"]
    mixed = ask("POST", node.api + "/v1/envelopes", node.pb.SubmitRequest(envelopes=[envelope]).SerializeToString(),
                {"Content-Type": PROTOBUF, "Accept": "application/json"})
    assert mixed.json()["results"][0]["entry"] == result["entry"]


def test_a_refusal_is_named_and_stands(node, programme):
    envelope = node.sign(node.body("suffolk", node.pb.DeclineApplication(
        contract=programme.contract, project=programme.project, reason=node.pb.Reason(code=3))))
    [result] = submit_json(node, [envelope]).json()["results"]
    assert (result["result"], result["code"]) == ("refused", "no_application")
    assert result["entry"]["refusal"]["sentence"] == result["detail"]
    assert node.submit(envelope)[0].code == "no_application"


def test_bad_envelopes_are_told_apart_and_good_ones_beside_them_are_done(node, programme):
    def need(**changes):
        valid_for = changes.pop("valid_for", 3600)
        return node.body(programme.project, small_need(node, programme), valid_for=valid_for, **changes)

    good = node.sign(need())
    no_canon = node.sign(need()) + b"\x50\x01"  # a field that nobody knows
    empty_nonce = node.sign(need(nonce=b"short"))
    other_ledger = node.sign(need(ledger_id=bytes(32)))
    expired = node.sign(need(valid_until=int(time.time()) - 60))
    distant = node.sign(need(valid_for=2592000 + 3600))
    unsigned = node.sign(need(), "suffolk")  # somebody else's signature
    results = node.submit(b"", b"nonsense", no_canon, empty_nonce, other_ledger, expired, distant, unsigned, good)
    assert [r.state for r in results] == [MALFORMED] * 4 + [SKIPPED] * 4 + [DONE]
    assert [r.code for r in results[2:8]] == ["not_canonical", "bad_nonce", "wrong_ledger", "expired", "too_distant",
                                              "not_authorised"]


def test_copies_with_stripped_or_swapped_signatures_burn_nothing(node, programme):
    for order in ("before", "after"):
        good = node.sign(node.body(programme.project, small_need(node, programme)))
        envelope = node.pb.Envelope.FromString(good)
        stripped = node.pb.Envelope(body=envelope.body).SerializeToString()
        swapped = node.pb.Envelope.FromString(node.sign(node.body(programme.project, small_need(node, programme))))
        swapped.body = envelope.body
        foreign = node.pb.Envelope(body=envelope.body)
        key = node.keys["suffolk/builders"]
        foreign.signatures.add(public_key=key.verify_key.encode(),
                               signature=key.sign(b"tallystick/tx/1\0" + envelope.body).signature)
        copies = [stripped, swapped.SerializeToString(deterministic=True),
                  foreign.SerializeToString(deterministic=True)]
        if order == "before":
            states = [r.state for r in node.submit(*copies)]
            assert states == [MALFORMED, MALFORMED, SKIPPED]
            assert node.submit(good)[0].state == DONE
        else:
            assert node.submit(good)[0].state == DONE
            # The id is used: whoever asks for it, with whatever signatures, hears its first outcome.
            assert all(r.state != DONE or r.first_outcome for r in node.submit(*copies))
        entries = node.get("/v1/log/entries", limit=1000).json()["items"]
        assert [e["id"] for e in entries].count(node.id_of(good)) == 1


def test_the_same_envelope_at_once_over_many_connections_takes_effect_once(node, programme):
    envelope = node.sign(node.body(programme.project, small_need(node, programme)))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = [r for batch in pool.map(lambda _: node.submit(envelope, envelope), range(8)) for r in batch]
    assert {(r.state, r.log_index) for r in results} == {(DONE, results[0].log_index)}
    assert sum(not r.first_outcome for r in results) == 1


def test_without_waiting_the_answer_is_pending_and_the_outcome_follows(node, programme):
    envelope = node.sign(node.body(programme.project, small_need(node, programme)))
    [result] = node.submit(envelope, wait=0)
    assert result.id.hex() == node.id_of(envelope)
    for _ in range(100):
        if node.get(f"/v1/envelopes/{result.id.hex()}").status == 200:
            return
        time.sleep(0.05)
    pytest.fail("the envelope never arrived in the log")


# --- requests that must not do harm


def test_bodies_that_cannot_be_read_are_refused(node):
    url = node.api + "/v1/envelopes"
    as_json, as_protobuf = {"Content-Type": "application/json"}, {"Content-Type": PROTOBUF}
    for body in (b"", b"{", b"[]", b"{}", b'{"envelopes": 1}', b'{"envelopes": []}', b'{"envelopes": [1]}',
                 b'{"envelopes": ["*"]}', b'{"envelopes": ["QQ==\\n"]}', b'{"envelopes": [], "x": 1}', b'"\xff"'):
        problem_of(ask("POST", url, body, as_json), 400, "bad_request")
    problem_of(ask("POST", url, b"\x0a\xff\xff\xff\xff\x7f", as_protobuf), 400, "bad_request")
    problem_of(ask("POST", url, b"", as_protobuf), 400, "bad_request")
    problem_of(ask("POST", url, b"[" * 5000, as_json), 400, "too_deep")
    problem_of(ask("POST", url, b"x", {"Content-Type": "text/plain"}), 415, "unsupported_media_type")
    problem_of(ask("POST", node.api + "/v1/dry-run", b'{"body": "QQ==", "envelope": "QQ=="}', as_json), 400,
               "bad_request")
    problem_of(ask("POST", url, json.dumps({"envelopes": ["QQ=="] * 4097}).encode(), as_json), 413,
               "too_many_envelopes")
    problem_of(ask("POST", url, b"\x0a\x00" * 4097, as_protobuf), 413, "too_many_envelopes")


def raw_exchange(node, data, pause_every=None, timeout=20):
    """Sends bytes as they are, in drops if asked to, and gives what comes back until the connection ends."""
    host, port = node.api.removeprefix("http://").rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        try:
            if pause_every is None:
                connection.sendall(data)
            else:
                for byte in data:
                    connection.sendall(bytes([byte]))
                    time.sleep(pause_every)
        except OSError:
            pass  # closed by the server: what it said is still to be read
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except OSError:
            pass
        return answer


def test_bodies_and_headers_too_large_are_refused_before_they_are_read(node):
    huge = b"POST /v1/envelopes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    assert b"body_too_large" in raw_exchange(node, huge % (4 * 1024 * 1024 + 1))
    assert b"body_too_large" in raw_exchange(node, huge.replace(b"envelopes", b"dry-run") % 300000)
    chunked = (b"POST /v1/dry-run HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
               b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 6 + b"0\r\n\r\n")
    assert b"body_too_large" in raw_exchange(node, chunked)
    assert b"headers_too_large" in raw_exchange(node, b"GET /v1/ledger HTTP/1.1\r\nX: " + b"y" * 20000 + b"\r\n\r\n")
    assert b"bad_request" in raw_exchange(node, b"NONSENSE\r\n\r\n")


def test_a_slow_request_is_cut_off_however_it_drips(node):
    began = time.monotonic()
    answer = raw_exchange(node, b"GET /v1/ledger HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"z" * 60, pause_every=0.1)
    assert time.monotonic() - began < 12
    assert answer == b"" or b"request_timeout" in answer
    assert node.get("/v1/ledger").status == 200


def test_many_requests_on_one_connection_are_answered_in_order(node):
    asked = b"GET /v1/refusals HTTP/1.1\r\nHost: x\r\n\r\nHEAD /v1/ledger HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = raw_exchange(node, asked + last)
    assert answer.count(b"HTTP/1.1 200 OK") == 2 and answer.count(b"HTTP/1.1 404") == 1
    assert answer.index(b'"skips"') < answer.index(b"unknown_route")


def test_the_stream_tells_what_happens_and_resumes_where_it_was(node, programme):
    async def listen():
        url = node.api.replace("http", "ws") + "/v1/outcomes"
        size = node.get("/v1/ledger").json()["app_state"]["log_size"]
        async with websockets.connect(url) as live, websockets.connect(f"{url}?from={size - 2}") as resumed, \
                websockets.connect(f"{url}?account=suffolk/builders&from=0") as filtered:
            envelope = node.sign(node.body(programme.project, small_need(node, programme)))
            await asyncio.to_thread(node.submit, envelope)
            frame = json.loads(await asyncio.wait_for(live.recv(), 10))
            validate(frame, {"$ref": "#/components/schemas/StreamFrame"})
            assert frame["entries"][-1]["id"] == node.id_of(envelope)
            indexes = []
            while not indexes or indexes[-1] < size:
                frame = json.loads(await asyncio.wait_for(resumed.recv(), 10))
                indexes += [entry["log_index"] for entry in frame["entries"]]
            assert indexes == list(range(size - 2, size + 1))
            first = json.loads(await asyncio.wait_for(filtered.recv(), 10))
            assert all(e["id"] != node.id_of(envelope) for e in first["entries"])

    asyncio.run(listen())
    problem_of(node.get("/v1/outcomes"), 426, "upgrade_required")
    problem_of(node.get("/v1/outcomes?account=NO"), 400, "bad_parameter")


# --- the operations port


def test_the_operations_port_tells_health_readiness_metrics_and_version(node):
    assert ask("GET", node.ops + "/healthz").json() == {"status": "ok"}
    assert ask("GET", node.ops + "/readyz").json() == {"status": "ready", "failing": []}
    metrics = ask("GET", node.ops + "/metrics")
    assert metrics.content.decode().splitlines()[0].startswith("# HELP tallystick_blocks_behind_head")
    assert ask("GET", node.ops + "/version").json()["program"] == "tallyd"
    assert ask("GET", node.ops + "/v1/ledger").status == 404


def test_the_node_stops_in_order_and_comes_back_with_everything(node, programme):
    before = node.get("/v1/ledger").json()["app_state"]
    node.stop()
    node.start()
    assert node.get("/v1/ledger").json()["app_state"]["log_size"] >= before["log_size"]
    log = [json.loads(line) for line in (node.folder / "log.jsonl").read_text().splitlines()]
    assert {"serving", "stopped"} <= {line["event"] for line in log}
    assert not any(node.keys["suffolk"].encode().hex() in json.dumps(line) for line in log)
