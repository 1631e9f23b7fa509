using System.Text.Json;

namespace Llama2.Tests.Tokenization;

/// <summary>
/// The texts that Google's sentencepiece encoded and decoded with Llama 2's own model; any tokenizer with that vocabulary can be compared with them.
/// </summary>
internal static class TokenizerGoldenCases
{
    public static void Verify(ModelTokenizer tokenizer)
    {
        var mismatches = new List<string>();
        int count = 0;
        foreach (string line in File.ReadLines(RepositoryFiles.Golden("tokenizer", "cases.jsonl")))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string text = json.RootElement.GetProperty("text").GetString()!;
            string decoded = json.RootElement.GetProperty("decoded").GetString()!;
            int[] ids = [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            count++;
            if (!tokenizer.Encode(text, addBeginOfSequence: false).AsSpan().SequenceEqual(ids))
                mismatches.Add($"ids of {line}");
            if (tokenizer.Decode(ids.AsSpan()) != decoded)
                mismatches.Add($"text of {line}");
        }

        mismatches.Should().BeEmpty();
        count.Should().Be(947);
    }
}
