using System.Text.RegularExpressions;

namespace Llama2.Tests;

/// <summary>Checks that the code in the documentation is code that the solution compiles, and that it prints the documented output.</summary>
public partial class ReadmeTests
{
    private static readonly string s_modelPath = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");

    public static TheoryData<string> Documents =>
    [
        "README.md", "CONTRIBUTING.md",
        // Each package has examples of its own.
        .. Directory.GetDirectories(RepositoryFiles.Committed("src")).Select(path => Path.GetRelativePath(RepositoryFiles.Root, Path.Combine(path, "README.md"))),
        .. Directory.GetFiles(RepositoryFiles.Committed("docs"), "*.md").Select(path => Path.GetRelativePath(RepositoryFiles.Root, path)),
    ];

    [Theory]
    [InlineData("README.md", "ReadmeExample", "ReadmeService", "Agent")]
    [InlineData("src/Llama2.Core/README.md", "ReadmeExample")]
    [InlineData("src/Llama2.Extensions/README.md", "ReadmeService")]
    [InlineData("src/Llama2.Server/README.md", "ReadmeServer")]
    [InlineData("src/Llama2.Training/README.md", "ReadmeTraining")]
    [InlineData("src/Llama2.Evaluation/README.md", "ReadmeEvaluation")]
    [InlineData("src/Llama2.Guard/README.md", "ReadmeGuard")]
    public void Readme_EveryExample_IsAWholeProgram(string document, params string[] samples) =>
        Blocks(document, "csharp").Should().Equal(samples.Select(sample => File.ReadAllText(RepositoryFiles.Committed("samples", sample, "Program.cs"))));

    // Sums of floating-point numbers differ in their last bits by instruction set, so the answers must have no near ties: the two likeliest tokens differ by
    // at least 0.0048 in log-probability. Without AVX2, and without any vectors, this difference changes by 0.00001 at most.
    [Fact]
    public async Task Readme_OutputOfTheExample_IsWhatTheModelAnswers()
    {
        using var model = LlamaModel.Load(s_modelPath);
        IChatSession chat = model.CreateChatSession();
        string expected = "";
        foreach (string question in (string[])["What sound does a cow make?", "And where does a bear live?", "Tell me a short story about a rabbit."])
        {
            string answer = string.Concat(await chat.SendAsync(question, new GenerationOptions { Temperature = 0 }).Select(update => update.Text).ToArrayAsync());
            expected += $"> {question}\n{answer}\n";
        }

        Blocks("README.md", "text").First().Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_EveryCSharpBlock_IsAnExcerptOfCompiledSource(string document) =>
        Blocks(document, "csharp").Where(block => !CompiledSource.Contains(Normalize(block), StringComparison.Ordinal)).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_EveryJavaScriptBlock_IsAnExcerptOfAScriptThatATestRuns(string document) =>
        Blocks(document, "js").Where(block => !Scripts.Contains(Normalize(block), StringComparison.Ordinal)).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_EveryLink_LeadsToAFile(string document)
    {
        string folder = Path.GetDirectoryName(RepositoryFiles.Committed(document))!;

        Link().Matches(Read(document)).Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(folder, target)))
            .Should().BeEmpty();
    }

    [Fact]
    public void Normalize_CodeThatIsNotInTheSource_IsNotFound() =>
        CompiledSource.Should().NotContain(Normalize(string.Concat("LlamaModel.Load(", "noSuchArgument);\n")));

    // All lines of source code that the solution compiles in samples and tests, one after the other, without indentation.
    private static string CompiledSource { get; } = string.Concat(
        from folder in (string[])["samples", "tests", "src"]
        from path in Directory.EnumerateFiles(RepositoryFiles.Committed(folder), "*.cs", SearchOption.AllDirectories)
        where !path.Split(Path.DirectorySeparatorChar).Contains("obj")
        select "\n" + Normalize(File.ReadAllText(path)));

    // All lines of the scripts that the tests of the server run with Node.js.
    private static string Scripts { get; } = string.Concat(
        Directory.EnumerateFiles(RepositoryFiles.Committed("tests", "Llama2.Server.Tests", "Npm"), "*.mjs").Select(path => "\n" + Normalize(File.ReadAllText(path))));

    private static string Normalize(string code) => Indentation().Replace(code, "");

    private static IEnumerable<string> Blocks(string document, string language) =>
        Block().Matches(Read(document)).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    private static string Read(string document) => File.ReadAllText(RepositoryFiles.Committed(document));

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\(([^)#]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^[ \t]+", RegexOptions.Multiline)]
    private static partial Regex Indentation();
}
