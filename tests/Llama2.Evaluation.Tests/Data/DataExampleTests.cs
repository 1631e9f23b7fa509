using System.Text.Json;
using Llama2.Evaluation.Tests.Data.Forms;

namespace Llama2.Evaluation.Tests.Data;

/// <summary>The code of docs/evaluation.md.</summary>
public sealed class DataExampleTests : IDisposable
{
    private readonly FormFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Example_OfTheDocumentation_ReadsTheQuestions()
    {
        _folder.Write("gsm8k/test.jsonl", """{"question":"1 + 1?","answer":"#### 2"}""");
        string folder = _folder.Path;

        var data = DataFolder.Open(folder);
        IReadOnlyList<JsonElement> questions = data.Read("openai/gsm8k", "main", "test");

        questions.Should().ContainSingle().Which.GetProperty("question").GetString().Should().Be("1 + 1?");
    }
}
