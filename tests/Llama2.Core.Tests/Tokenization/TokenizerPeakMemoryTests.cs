using System.Globalization;
using System.Text;
using Llama2.Tests.Conversion;
using Llama2.Tests.Formats.PyTorch;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>Tokenizers and PyTorch files for which a careless reader would use memory out of proportion to the file's size.</summary>
public sealed class TokenizerPeakMemoryTests : IDisposable
{
    private const int ByteSize = 16 << 20;
    private static readonly string s_ordinary = PublishedForms.PathOf("huggingface-sharded/tokenizer.json");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxTheory]
    [InlineData("\"merges\": [", "0,", "a merge must be two pieces")]
    [InlineData("\"merges\": [", "[],", "a merge must be two pieces")]
    [InlineData("\"merges\": [", "\"h e\",", "the list must not have it twice")]
    [InlineData("\"vocab\": {", "\"\":0,", "already")]
    [InlineData("\"added_tokens\": [", "0,", "added_tokens[0] is 0; it must be an object")]
    [InlineData("\"added_tokens\": [", "{},", "added_tokens[0].id is missing")]
    [InlineData("\"model\": {", "\"x\":0,", "number of values")]
    public void Json_OfMuchThatIsSmall_TakesMemoryInProportion(string before, string repeated, string message)
    {
        string text = File.ReadAllText(s_ordinary), path = _folder.File("tokenizer.json");
        int at = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        var hostile = new StringBuilder(text, 0, at, ByteSize + text.Length);
        while (hostile.Length < ByteSize)
            hostile.Append(repeated);
        File.WriteAllText(path, hostile.Append(text, at, text.Length - at).ToString());

        PeakMemory.ShouldBeInProportion("tokenizer", s_ordinary, path, new FileInfo(path).Length).Should().Contain(message);
    }

    // Objects that have 47 or 30 bytes in the file and take 200 bytes when they are parsed.
    [LinuxTheory]
    [InlineData("\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [", "{\"SpecialToken\": {\"id\": \"<s>\", \"type_id\": 0}}", "]}", 100_000, "post_processor.single is 100,000 elements")]
    [InlineData("\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [", "{\"type\":\"Prepend\",\"prepend\":\"\u2581\"}", "]}", 20_000, "normalizer.normalizers is 20,000 elements")]
    public void Json_OfManySteps_IsRefusedInProportion(string start, string step, string end, int count, string message)
    {
        // If a JSON object has several members of one name, the last one counts.
        string text = File.ReadAllText(s_ordinary).TrimEnd(), path = _folder.File("tokenizer.json");
        File.WriteAllText(path, $"{text[..^1]},\n{start}{string.Join(",", Enumerable.Repeat(step, count))}{end}}}");

        PeakMemory.ShouldBeInProportion("tokenizer", s_ordinary, path, new FileInfo(path).Length).Should().Contain(message);
    }

    // Many short texts, and texts that together are as long as is allowed.
    [LinuxTheory]
    [InlineData(200_000, 3, true, "")]
    [InlineData(200_000, 3, false, ",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false")]
    [InlineData(40_000, 19, true, "")]
    [InlineData(40_000, 19, false, "")]
    [InlineData(780, 1000, true, "")]
    [InlineData(780, 1000, false, "")]
    public void Json_OfManyAddedTokens_TakesMemoryInProportion(int count, int length, bool isSpecial, string rest)
    {
        const int VocabularySize = 290, Radix = 64;
        string whole = File.ReadAllText(s_ordinary), path = _folder.File("tokenizer.json"), before = "\"added_tokens\": [";
        int at = whole.IndexOf(before, StringComparison.Ordinal) + before.Length;
        var text = new StringBuilder(whole, 0, at, 64 << 20);
        for (int i = 0; i < count; i++)
        {
            string name = $"{(char)('0' + i / Radix / Radix)}{(char)('?' + i / Radix % Radix)}{(char)('?' + i % Radix)}".Replace('\\', 'é');
            text.Append(CultureInfo.InvariantCulture, $"{{\"id\":{VocabularySize + i},\"content\":\"{new string('+', length - name.Length)}{name}\",\"special\":{(isSpecial ? "true" : "false")}{rest}}},\n");
        }

        File.WriteAllText(path, text.Append(whole, at, whole.Length - at).ToString());

        PeakMemory.ShouldBeInProportion("tokenizer", s_ordinary, path, new FileInfo(path).Length).Should().BeEmpty();
    }

    // The maximum number of pieces, each as small as possible. Pieces that begin with a space have a text that differs from their decoded text. Half of
    // the maximum is the largest number of pieces for which the decoded texts are created in advance.
    [LinuxTheory]
    [InlineData("", (int)PieceType.Normal, Vocabulary.MaxCount)]
    [InlineData("", (int)PieceType.Normal, Vocabulary.MaxCount / 2)]
    [InlineData("", (int)PieceType.UserDefined, Vocabulary.MaxCount)]
    [InlineData("", (int)PieceType.Control, Vocabulary.MaxCount)]
    [InlineData("", (int)PieceType.Unused, Vocabulary.MaxCount)]
    [InlineData("\u2581", (int)PieceType.Normal, Vocabulary.MaxCount)]
    [InlineData("\u2581", (int)PieceType.Normal, Vocabulary.MaxCount / 2)]
    public void SentencePiece_OfAsManyPiecesAsAllowed_TakesMemoryInProportion(string prefix, int type, int count)
    {
        byte[] model = LargestVocabularies.SentencePiece(prefix, (PieceType)type, count);
        File.WriteAllBytes(_folder.File("tokenizer.model"), model);

        PeakMemory.ShouldBeInProportion("tokenizer", PublishedForms.PathOf("huggingface/tokenizer.model"), _folder.File("tokenizer.model"), model.Length).Should().BeEmpty();
        PeakMemory.ShouldBeInProportion("tokenizer", PublishedForms.PathOf("huggingface"), _folder.Path, model.Length).Should().BeEmpty();
    }

    [LinuxTheory]
    [InlineData("")]
    [InlineData("\u2581")]
    public void Llama2C_OfAsManyPiecesAsAllowed_TakesMemoryInProportion(string prefix)
    {
        byte[] model = LargestVocabularies.Llama2C(prefix);
        File.WriteAllBytes(_folder.File("tokenizer.bin"), model);

        PeakMemory.ShouldBeInProportion("tokenizer", PublishedForms.PathOf("llama2c/tokenizer.bin"), _folder.File("tokenizer.bin"), model.Length).Should().BeEmpty();
    }

    [LinuxTheory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("\u2581", false)]
    public void Json_OfAsManyPiecesAsAllowed_TakesMemoryInProportion(string prefix, bool hasMerges)
    {
        string path = _folder.File("tokenizer.json");
        File.WriteAllText(path, LargestVocabularies.Json(prefix, hasMerges));

        PeakMemory.ShouldBeInProportion("tokenizer", s_ordinary, path, new FileInfo(path).Length).Should().BeEmpty();
        PeakMemory.ShouldBeInProportion("tokenizer", PublishedForms.PathOf("huggingface-sharded"), _folder.Path, new FileInfo(path).Length).Should().BeEmpty();
    }

    [LinuxTheory]
    [InlineData("")]
    [InlineData("\u2581")]
    public void Gguf_OfAsManyPiecesAsAllowed_TakesMemoryInProportion(string prefix)
    {
        byte[] model = LargestVocabularies.Gguf(prefix);
        File.WriteAllBytes(_folder.File("model.gguf"), model);

        PeakMemory.ShouldBeInProportion("tokenizer", RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"), _folder.File("model.gguf"), model.Length).Should().BeEmpty();
    }

    [LinuxTheory]
    [InlineData(262_143, true)]
    [InlineData(290 + 32_767, false)]
    public void AddedToken_FarBehindTheVocabulary_TakesMemoryInProportion(int id, bool isRefused)
    {
        File.Copy(s_ordinary, _folder.File("tokenizer.json"));
        File.WriteAllText(_folder.File("added_tokens.json"), $$"""{"<x>":{{id}}}""");

        string answer = PeakMemory.ShouldBeInProportion("tokenizer", s_ordinary, _folder.Path, Directory.GetFiles(_folder.Path).Sum(path => new FileInfo(path).Length));

        answer.Contains("32,768 ids may lack a piece", StringComparison.Ordinal).Should().Be(isRefused);
    }

    [LinuxTheory]
    [InlineData("]", "}a")]
    [InlineData("]", ")a")]
    [InlineData("(", "N")]
    [InlineData("", "}q\0")]
    public void PyTorchFile_PickleOfMuchThatIsSmall_TakesMemoryInProportion(string start, string repeated)
    {
        foreach (string name in new[] { "config.json", "tokenizer.model" })
            File.Copy(PublishedForms.PathOf($"huggingface/{name}"), _folder.File(name));
        byte[] pickle = [0x80, 2, .. Encoding.Latin1.GetBytes(start), .. Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(repeated, 1 << 20)))];
        byte[] bytes = new TorchArchive().Build(pickle);
        File.WriteAllBytes(_folder.File("pytorch_model.bin"), bytes);

        PeakMemory.ShouldBeInProportion("model", PublishedForms.PathOf("huggingface"), _folder.Path, bytes.Length).Should().Contain("pickle");
    }
}
