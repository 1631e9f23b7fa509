using System.Text;
using Llama2.Tests.Conversion;
using Llama2.Tests.Formats.MetaCheckpoint;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public sealed class HuggingFaceTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public HuggingFaceTokenizerTests() => File.Copy(PublishedForms.PathOf("huggingface-sharded/tokenizer.json"), _folder.File("tokenizer.json"));

    public void Dispose() => _folder.Dispose();

    // Placeholders would fill the ids between: 259 MiB for a file of 10 KB.
    [Theory]
    [InlineData(1_048_575)]
    [InlineData(290 + 65_536)]
    public void Read_AddedTokenFarBehindTheVocabulary_IsRefused(int id)
    {
        File.WriteAllText(_folder.File("added_tokens.json"), $$"""{"<x>":{{id}}}""");
        Refuse().Message.Should().Contain("id of the added token '<x>'").And.Contain("65,536 ids may lack a piece");
    }

    [Fact]
    public void Read_AddedTokensWithGaps_AreRefusedTogether()
    {
        File.WriteAllText(_folder.File("added_tokens.json"), """{"<x>":40000,"<y>":80000}""");
        FluentActions.Invoking(() => new HuggingFaceTokenizer(_folder.Path).Read()).Should().Throw<ModelFormatException>().WithMessage("*id of the added token '<y>'*");
        File.WriteAllText(_folder.File("added_tokens.json"), """{"<x>":40000}""");
        new HuggingFaceTokenizer(_folder.Path).Read().Count.Should().Be(40_001);
    }

    [Fact]
    public void Read_TableOfEmbeddingsFarLongerThanTheVocabulary_IsRefused() =>
        FluentActions.Invoking(() => new HuggingFaceTokenizer(_folder.Path).Read(Vocabulary.MaximumCount)).Should().Throw<ModelFormatException>().WithMessage("*rows of the table of embeddings*");

    // A value of one character takes twelve bytes in a document; the longest file would take a gigabyte.
    [Theory]
    [InlineData("\"added_tokens\": [", "\"zeros\": [@], \"added_tokens\": [", "number of values")]
    [InlineData("\"merges\": [", "\"merges\": [@, ", "a merge is two pieces")]
    [InlineData("\"vocab\": {", "\"vocab\": {\"zeros\": [@], ", "an id is a whole number")]
    public void Read_ArrayOfMillionsOfZeros_CostsLittleMoreThanItsBytes(string before, string after, string message)
    {
        string text = File.ReadAllText(_folder.File("tokenizer.json"));
        text.Should().Contain(before);
        string zeros = string.Concat(Enumerable.Repeat("0,", 8 << 20)) + "0";
        byte[] bytes = Encoding.UTF8.GetBytes(text.Replace(before, after.Replace("@", zeros, StringComparison.Ordinal), StringComparison.Ordinal));
        long allocated = GC.GetAllocatedBytesForCurrentThread();

        FluentActions.Invoking(() => TokenizerFile.Parse(bytes, "tokenizer.json")).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");

        (GC.GetAllocatedBytesForCurrentThread() - allocated).Should().BeLessThan((4L * bytes.Length) + (16 << 20));
    }

    private ModelFormatException Refuse()
    {
        ModelFormatException? fault = RefusalLimits.Run(() => new HuggingFaceTokenizer(_folder.Path).Read(), "added tokens");
        fault.Should().NotBeNull();
        return fault!;
    }
}
