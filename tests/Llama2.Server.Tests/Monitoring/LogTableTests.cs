using System.Text.RegularExpressions;
using Llama2.Tests;

namespace Llama2.Server.Tests.Monitoring;

/// <summary>The tables of log entries in the documentation are complete, and no event id has two meanings.</summary>
public sealed partial class LogTableTests
{
    [Theory]
    [InlineData("Llama2.Extensions", "Llama2", "hosting.md")]
    [InlineData("Llama2.Server", "Llama2.Server", "server.md")]
    public void Table_OfAProject_HasAllItsEntries(string project, string category, string document)
    {
        string[] written =
        [
            .. from path in Directory.EnumerateFiles(RepositoryFiles.Committed("src", project), "*.cs", SearchOption.AllDirectories)
               where !path.Split(Path.DirectorySeparatorChar).Contains("obj")
               from Match entry in Entry().Matches(File.ReadAllText(path))
               select $"| `{category}` {entry.Groups[1].Value} | {entry.Groups[2].Value} | {entry.Groups[3].Value} |",
        ];

        IEnumerable<string> documented = File.ReadAllLines(RepositoryFiles.Committed("docs", document)).Where(line => line.StartsWith($"| `{category}` ", StringComparison.Ordinal));

        written.Should().NotBeEmpty().And.BeEquivalentTo(documented);
        written.Select(line => line.Split('|')[1]).Should().OnlyHaveUniqueItems();
    }

    [GeneratedRegex("""\[LoggerMessage\((\d+), LogLevel\.(\w+), "((?:[^"\\]|\\.)*)"\)\]""")]
    private static partial Regex Entry();
}
