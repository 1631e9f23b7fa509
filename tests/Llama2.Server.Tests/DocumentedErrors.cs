using System.Globalization;
using System.Text.RegularExpressions;
using Llama2.Tests;

namespace Llama2.Server.Tests;

/// <summary>The errors in OpenAI's form that docs/server.md lists: the tables with the columns status, type and code.</summary>
internal static partial class DocumentedErrors
{
    /// <summary>Each documented error.</summary>
    public static IReadOnlyCollection<(int Status, string Type, string Code)> All { get; } = [.. Read(File.ReadAllText(RepositoryFiles.Committed("docs", "server.md")))];

    private static IEnumerable<(int Status, string Type, string Code)> Read(string document) =>
        from Match table in Table().Matches(document)
        from row in table.Groups["rows"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        let cells = row.Split('|')
        from Match code in Code().Matches(cells[3])
        select (int.Parse(cells[1].Trim().AsSpan(0, 3), CultureInfo.InvariantCulture), cells[2].Trim().Trim('`'), code.Groups[1].Value);

    [GeneratedRegex(@"^\| status \| type \| code \|\n\|[-|]+\|\n(?<rows>(\|.*\n)+)", RegexOptions.Multiline)]
    private static partial Regex Table();

    // A code has lower-case words with underscores between them; names of options, which are also in the table, have not.
    [GeneratedRegex("`([a-z]+(_[a-z]+)+)`")]
    private static partial Regex Code();
}
