using System.CommandLine;
using System.CommandLine.Parsing;

namespace Llama2.Cli.Terminal;

/// <summary>Suggestions for a mistyped command or option.</summary>
internal static class Suggestion
{
    private const int MinPrefixLength = 3;

    /// <summary>Returns the message for a word that is neither a command nor an option at this place, with a suggestion if a known word is similar.</summary>
    /// <param name="word">The word as it was typed.</param>
    /// <param name="command">The command after which it was typed.</param>
    public static string Unrecognized(string word, CommandResult command)
    {
        bool isOption = word.StartsWith('-');
        string meant = isOption ? word.Split('=', ':')[0] : word;
        IEnumerable<string> known = isOption ? Options(command) : command.Command.Subcommands.Where(it => !it.Hidden).Select(it => it.Name);
        string hint = Find(meant, known) is { } found ? $" Did you mean '{found}'?" : !isOption && TextOption(command) is { } text ? $" Write {text} before a text: {text} \"TEXT\"." : "";
        return $"Unrecognized {(isOption ? "option" : "command or argument")} '{word}'.{hint}";
    }

    /// <summary>
    /// Refuses an option that the command does not have. The parser would treat it as the value of an argument. A file whose name begins with a dash
    /// can be given as ./-name; a single dash means standard input.
    /// </summary>
    /// <returns>Whether the argument has such an option as its value.</returns>
    public static bool RefuseOption(ArgumentResult result)
    {
        if (result.Tokens.FirstOrDefault(token => token.Value is ['-', _, ..]) is not { } option)
            return false;

        result.AddError(result.Parent is CommandResult command ? Unrecognized(option.Value, command) : $"Unrecognized option '{option.Value}'.");
        return true;
    }

    /// <summary>
    /// The known word that is most similar to the given word. It begins with the given word, or differs from it in at most a third of the letters; a
    /// difference of one letter is always allowed. Null if no known word is similar enough.
    /// </summary>
    public static string? Find(string word, IEnumerable<string> known)
    {
        int limit = Math.Max(1, word.Trim('-').Length / 3);
        return known
            .Where(candidate => Math.Abs(candidate.Length - word.Length) <= limit || IsBeginning(word, candidate))
            .Select(candidate => (Word: candidate, Distance: IsBeginning(word, candidate) ? 1 : Distance(word, candidate)))
            .Where(candidate => candidate.Distance <= limit)
            .OrderBy(candidate => candidate.Distance).FirstOrDefault().Word;
    }

    // The option for the text that a command continues or encodes, which users also give as an argument.
    private static string? TextOption(CommandResult command) => command.Command.Options.FirstOrDefault(option => option is { Name: "--prompt" or "--text", HelpName: "TEXT" })?.Name;

    private static IEnumerable<string> Options(CommandResult command) => command.Command.Options.Concat(Inherited(command))
        .Where(option => !option.Hidden).SelectMany(option => option.Aliases.Prepend(option.Name)).Where(name => name.Length > 2 && name[0] == '-');

    private static IEnumerable<Option> Inherited(CommandResult command)
    {
        for (SymbolResult? parent = command.Parent; parent is CommandResult above; parent = above.Parent)
        {
            foreach (Option option in above.Command.Options.Where(option => option.Recursive))
                yield return option;
        }
    }

    private static bool IsBeginning(string word, string candidate) =>
        word.Trim('-').Length >= MinPrefixLength && candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase);

    // The distance between two words: the number of insertions, deletions, substitutions and swaps of neighbouring letters that convert one into the
    // other (Damerau 1964). Each letter takes part in at most one of these changes.
    private static int Distance(string a, string b)
    {
        int[,] distances = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    distances[i, j] = i + j;
                    continue;
                }

                int change = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                int distance = Math.Min(distances[i - 1, j - 1] + change, 1 + Math.Min(distances[i - 1, j], distances[i, j - 1]));
                bool isSwap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                distances[i, j] = isSwap ? Math.Min(distance, distances[i - 2, j - 2] + 1) : distance;
            }
        }

        return distances[a.Length, b.Length];
    }
}
