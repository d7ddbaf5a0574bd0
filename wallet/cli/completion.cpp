// tally completion bash | zsh | fish, made from the commands themselves.
#include <sstream>

#include "wallet/cli/commands.hpp"

namespace tallystick::wallet {

namespace {

/// Calls `visit` with every command: the words that lead to it, and itself.
void walk(const CLI::App& app, const std::string& words,
          const std::function<void(const std::string&, const CLI::App&)>& visit) {
    visit(words, app);
    for (const auto* sub : app.get_subcommands(nullptr))
        walk(*sub, words.empty() ? sub->get_name() : words + " " + sub->get_name(), visit);
}

/// What may come next: the names of subcommands, then the flags.
std::string next_words(const CLI::App& app) {
    std::string words;
    for (const auto* sub : app.get_subcommands(nullptr))
        words += (words.empty() ? "" : " ") + sub->get_name();
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames())
            words += (words.empty() ? "--" : " --") + name;
    }
    return words;
}

std::string shell_quoted(std::string text) {
    std::string safe = "'";
    for (const char c : text) safe += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return safe + "'";
}

std::string bash(const CLI::App& root) {
    std::ostringstream script;
    script << "# bash completion for tally. Load it: source <(tally completion bash)\n"
              "_tally() {\n"
              "    local path= word words i\n"
              "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
              "        word=${COMP_WORDS[i]}\n"
              "        case \"$word\" in -*) continue ;; esac\n"
              "        case \"${path:+$path }$word\" in\n";
    std::ostringstream cases;
    walk(root, "", [&](const std::string& words, const CLI::App& app) {
        if (!words.empty())
            script << "            " << shell_quoted(words) << ") path=" << shell_quoted(words)
                   << " ;;\n";
        cases << "        " << shell_quoted(words) << ") words=" << shell_quoted(next_words(app))
              << " ;;\n";
    });
    script << "        esac\n"
              "    done\n"
              "    case \"$path\" in\n"
           << cases.str()
           << "    esac\n"
              "    case \"${COMP_WORDS[COMP_CWORD]}\" in -*) words=\"$words "
           << next_words(root)
           << "\" ;; esac\n"
              "    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
              "}\n"
              "complete -o default -F _tally tally\n";
    return script.str();
}

std::string zsh(const CLI::App& root) {
    return "#compdef tally\n# zsh completion for tally. Load it: source <(tally completion zsh)\n"
           "autoload -U +X bashcompinit && bashcompinit\n" +
           bash(root);
}

std::string fish(const CLI::App& root) {
    std::ostringstream script;
    script << "# fish completion for tally. Load it: tally completion fish | source\n"
              "function __tally_at\n"
              "    set -l words (commandline -opc)\n"
              "    set -l path\n"
              "    for word in $words[2..]\n"
              "        string match -q -- '-*' $word; or set path $path $word\n"
              "    end\n"
              "    test \"$path\" = \"$argv\"\n"
              "end\n";
    walk(root, "", [&](const std::string& words, const CLI::App& app) {
        for (const auto* sub : app.get_subcommands(nullptr))
            script << "complete -c tally -f -n \"__tally_at " << words << "\" -a "
                   << sub->get_name() << " -d " << shell_quoted(sub->get_description()) << "\n";
        for (const auto* option : app.get_options()) {
            for (const auto& name : option->get_lnames()) {
                script << "complete -c tally -l " << name << " -d "
                       << shell_quoted(option->get_description());
                if (!words.empty())
                    script << " -n \"string match -q -- '* " << words
                           << "*' ' '(commandline -op)' '\"";
                script << "\n";
            }
        }
    });
    return script.str();
}

}  // namespace

void add_completion_commands(CLI::App& app, Session& session) {
    auto& noun = add_noun(app, "completion", "Scripts that let a shell complete commands");
    const auto add = [&](const char* name, std::string (*script)(const CLI::App&)) {
        add_verb(noun, name, std::string{"For "} + name, session, [&session, &app, script] {
            session.print({{"script", script(app)}}, script(app));
            return 0;
        });
    };
    add("bash", &bash);
    add("zsh", &zsh);
    add("fish", &fish);
}

}  // namespace tallystick::wallet
