#include "node/answers.hpp"

namespace tallystick::node {

std::string_view answer_status_name(AnswerStatus status) noexcept {
    switch (status) {
        case AnswerStatus::done: return "done";
        case AnswerStatus::refused: return "refused";
        case AnswerStatus::skipped: return "skipped";
        case AnswerStatus::malformed: return "malformed";
        case AnswerStatus::busy: return "busy";
        case AnswerStatus::unavailable: return "unavailable";
    }
    return "unavailable";
}

Answer malformed_answer(EnvelopeError error, std::optional<EnvelopeId> id) {
    Answer answer;
    answer.status = AnswerStatus::malformed;
    answer.id = id;
    answer.code = envelope_error_name(error);
    answer.sentence = envelope_error_sentence(error);
    return answer;
}

Answer malformed_answer(ledger::Malformed malformed, const EnvelopeId& id) {
    Answer answer;
    answer.status = AnswerStatus::malformed;
    answer.id = id;
    answer.code = ledger::malformed_name(malformed);
    answer.sentence = ledger::malformed_sentence(malformed);
    return answer;
}

Answer skipped_answer(Skip skip, const EnvelopeId& id) {
    Answer answer;
    answer.status = AnswerStatus::skipped;
    answer.id = id;
    answer.code = skip_name(skip);
    answer.sentence = skip_sentence(skip);
    return answer;
}

Answer busy_answer() {
    Answer answer;
    answer.status = AnswerStatus::busy;
    answer.code = "busy";
    answer.sentence = "The node has as much waiting as it can hold. Send it again in a moment.";
    return answer;
}

Answer unavailable_answer() {
    Answer answer;
    answer.status = AnswerStatus::unavailable;
    answer.code = "unavailable";
    answer.sentence =
        "The node takes nothing new at present; what it has confirmed stands. Try again later.";
    return answer;
}

Answer no_progress_answer() {
    Answer answer;
    answer.status = AnswerStatus::unavailable;
    answer.code = "no_progress";
    answer.sentence =
        "No block has come for ten seconds: fewer than two thirds of the authorities' nodes agree "
        "at "
        "present. What was sent may still be taken, once. Ask again, or send the same again, later "
        "or to another authority's node.";
    return answer;
}

Answer observer_answer() {
    Answer answer;
    answer.status = AnswerStatus::unavailable;
    answer.code = "observer";
    answer.sentence =
        "This node belongs to none of the ledger's authorities and only reads. Send it to an "
        "authority's node.";
    return answer;
}

Answer segment_ended_answer() {
    Answer answer;
    answer.status = AnswerStatus::unavailable;
    answer.code = "segment_ended";
    answer.sentence =
        "This part of the chain has ended and the next has not begun here yet. Send the same again "
        "later.";
    return answer;
}

Answer logged_answer(std::shared_ptr<const LoggedEntry> logged, bool first) {
    Answer answer;
    const auto& entry = logged->entry;
    answer.id = EnvelopeId::from(entry.id());
    answer.first = first;
    if (entry.outcome().status() == pb::STATUS_DONE) {
        answer.status = AnswerStatus::done;
    } else {
        answer.status = AnswerStatus::refused;
        answer.refusal = entry.outcome().refusal();
        if (const auto refusal = refusal_from(answer.refusal)) {
            answer.code = refusal_name(*refusal);
            answer.sentence = refusal_sentence(*refusal);
        }
    }
    answer.logged = std::move(logged);
    return answer;
}

}  // namespace tallystick::node
