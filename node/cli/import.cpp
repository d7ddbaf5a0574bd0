#include <iostream>

#include "node/cli/command.hpp"
#include "node/import/command.hpp"

namespace tallystick::node::cli {
namespace {

/// What both subjects take.
CLI::App* add_subject(CLI::App& group, const std::shared_ptr<import::PreviewOptions>& options,
                      import::Subject subject, Run& run) {
    const bool is_contracts = subject == import::Subject::contracts;
    auto* command = group.add_subcommand(
        is_contracts ? "contracts" : "organisations",
        is_contracts ? "Published contracts (OCDS JSON)" : "Organisations (CSV, 360Giving JSON)");
    command->add_option("files", options->files, "Files to read")->required();
    command->add_option("-o,--bodies", options->bodies_file,
                        "Write the unsigned bodies here; the wallet shows, signs and sends them");
    command->add_option("--returned", options->returned_file,
                        "Write the rows given back here, with the reason, as CSV");
    command->add_flag("--json", options->json, "Give the counts as JSON");
    command->add_option("--rows", options->rows_shown_max, "How many rows given back are shown");
    command->callback([options, subject, &run] {
        options->subject = subject;
        run = [options] {
            return static_cast<Exit>(import::run_preview(*options, std::cout, std::cerr));
        };
    });
    return command;
}

}  // namespace

void add_import(CLI::App& app, Run& run) {
    auto* group =
        app.add_subcommand("import", "Published files, before anything goes on the ledger");
    group->require_subcommand(1);
    auto* preview = group->add_subcommand(
        "preview", "Read files and say what would be kept and what is given back; needs no node");
    preview->require_subcommand(1);
    const auto contracts = std::make_shared<import::PreviewOptions>();
    auto* contracts_command = add_subject(*preview, contracts, import::Subject::contracts, run);
    contracts_command->add_option("--template", contracts->template_file,
                                  "Price list and dates (TOML); without it no bodies are made");
    const auto organisations = std::make_shared<import::PreviewOptions>();
    auto* organisations_command =
        add_subject(*preview, organisations, import::Subject::organisations, run);
    organisations_command->add_option("--authority", organisations->authority,
                                      "Handle of the authority that registers them");
    organisations_command->add_option("--salt", organisations->salt_file,
                                      "32 bytes that hide sole traders; made if absent");
    organisations_command
        ->add_option("--role", organisations->role, "supplier or project (default)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, pb::Role>{
            {"supplier", pb::ROLE_SUPPLIER}, {"project", pb::ROLE_PROJECT}}));
}

}  // namespace tallystick::node::cli
