using System.Text;
using Llama2.Formats.Gguf;
using Llama2.Tests.Conversion;
using Llama2.Tests.Formats.Gguf;
using Llama2.Tests.Formats.MetaCheckpoint;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public sealed class HuggingFaceTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public HuggingFaceTokenizerTests() => File.Copy(PublishedForms.PathOf("huggingface-sharded/tokenizer.json"), _folder.File("tokenizer.json"));

    public void Dispose() => _folder.Dispose();

    // The ids between the vocabulary and the added token would need placeholder pieces: 25 MiB for a file of 10 KB.
    [Theory]
    [InlineData(262_143)]
    [InlineData(290 + 32_769)]
    public void Read_AddedTokenFarBehindTheVocabulary_IsRefused(int id)
    {
        File.WriteAllText(_folder.File("added_tokens.json"), $$"""{"<x>":{{id}}}""");
        Refuse().Message.Should().Contain("id of the added token '<x>'").And.Contain("32,768 ids may lack a piece");
    }

    [Fact]
    public void Read_AddedTokensWithGaps_AreRefusedTogether()
    {
        File.WriteAllText(_folder.File("added_tokens.json"), """{"<x>":20000,"<y>":60000}""");
        FluentActions.Invoking(() => new HuggingFaceTokenizer(_folder.Path).Read()).Should().Throw<ModelFormatException>().WithMessage("*id of the added token '<y>'*");
        File.WriteAllText(_folder.File("added_tokens.json"), """{"<x>":20000}""");
        new HuggingFaceTokenizer(_folder.Path).Read().Count.Should().Be(20_001);
    }

    // Added tokens do not count towards the limit of ids without a piece, and neither do gaps that a later token fills.
    [Fact]
    public void Read_MoreAddedTokensThanPlaceholders_AreTaken()
    {
        const int First = 290, Count = 40_000;
        IEnumerable<int> ids = Enumerable.Range(First + 30_000, Count - 30_000).Concat(Enumerable.Range(First, 30_000));
        File.WriteAllText(_folder.File("added_tokens.json"), $$"""{{{string.Join(',', ids.Append(First + Count + 30_000).Select(id => $"\"x{id}\":{id}"))}}}""");

        Vocabulary vocabulary = new HuggingFaceTokenizer(_folder.Path).Read();

        vocabulary.Count.Should().Be(First + Count + 30_001);
        vocabulary.Pieces[First].Should().Be($"x{First}");
        vocabulary.Pieces[First + Count - 1].Should().Be($"x{First + Count - 1}");
        vocabulary.Pieces[First + Count].Should().Be($"[PAD{First + Count}]");
    }

    [Fact]
    public void Read_TableOfEmbeddingsFarLongerThanTheVocabulary_IsRefused() =>
        FluentActions.Invoking(() => new HuggingFaceTokenizer(_folder.Path).Read(Vocabulary.MaxCount)).Should().Throw<ModelFormatException>().WithMessage("*rows of the table of embeddings*");

    // A JSON value of one character takes twelve bytes in a JsonDocument, so the longest allowed file could take a gigabyte.
    [Theory]
    [InlineData("\"added_tokens\": [", "\"zeros\": [@], \"added_tokens\": [", "number of values")]
    [InlineData("\"merges\": [", "\"merges\": [@, ", "a merge must be two pieces")]
    [InlineData("\"vocab\": {", "\"vocab\": {\"zeros\": [@], ", "an id must be a whole number")]
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

    // In the configuration of the first conversions of Llama 1, the begin of sequence has the id of the unknown token, the end of sequence has the id
    // of the begin of sequence, and the special tokens have empty names.
    [Fact]
    public void Read_ConfigurationThatContradictsTheTokenizer_TheTokenizersOwnIdsHoldWithAWarning()
    {
        File.Delete(_folder.File("tokenizer.json"));
        foreach (string name in new[] { "model.safetensors", "tokenizer.model", "config.json" })
            File.Copy(PublishedForms.PathOf($"huggingface/{name}"), _folder.File(name));
        string configuration = File.ReadAllText(_folder.File("config.json"));
        File.WriteAllText(_folder.File("config.json"), configuration.Replace("\"bos_token_id\": 1", "\"bos_token_id\": 0", StringComparison.Ordinal).Replace("\"eos_token_id\": 2", "\"eos_token_id\": 1", StringComparison.Ordinal));
        File.WriteAllText(_folder.File("generation_config.json"), """{"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 0}""");
        File.WriteAllText(_folder.File("tokenizer_config.json"), """{"bos_token": "", "eos_token": "", "unk_token": "", "added_tokens_decoder": {"0": {"content": "", "special": true}}}""");

        ModelTokenizer tokenizer = ModelTokenizer.Load(_folder.Path);
        (tokenizer.BeginOfSequenceId, tokenizer.EndOfSequenceId, tokenizer.UnknownId).Should().Be((1, 2, 0));
        tokenizer.EndOfGenerationIds.Should().Equal(2);

        IReadOnlyList<string> warnings = ModelFileInformation.Read(_folder.Path).Warnings;
        warnings.Should().Contain(warning => warning.Contains("generation_config.json': bos_token_id is 0, which is '<unk>' in the tokenizer; the tokenizer's own 1, '<s>', is used"))
            .And.Contain(warning => warning.Contains("eos_token_id is 1, which is '<s>' in the tokenizer; the tokenizer's own 2, '</s>', is used"))
            .And.Contain(warning => warning.Contains("bos_token has an empty name")).And.Contain(warning => warning.Contains("the token 0 has an empty name"));
        ModelFileInformation.Read(PublishedForms.PathOf("huggingface")).Warnings.Should().BeEmpty();
    }

    // If the configuration names any other token, that is the fine-tune's own choice.
    [Fact]
    public void Read_ConfigurationThatNamesAnAddedEnd_IsFollowed()
    {
        File.WriteAllText(_folder.File("added_tokens.json"), """{"<|im_end|>": 290}""");
        File.WriteAllText(_folder.File("generation_config.json"), """{"eos_token_id": 290}""");
        ModelTokenizer.Load(_folder.Path).EndOfSequenceId.Should().Be(290);
    }

    // tokenizer.json is complete by itself: its added tokens are part of it, whether the file or its folder is loaded.
    [Fact]
    public void Read_AddedTokensOfTokenizerJson_AreThoseOfItsFolder()
    {
        AddToJson("""{"id": 290, "content": "hel", "special": false}""", """{"id": 292, "content": "<x>", "special": true}""");
        foreach (string path in new[] { _folder.Path, _folder.File("tokenizer.json") })
        {
            Vocabulary vocabulary = TokenizerFile.Read(path);
            vocabulary.Count.Should().Be(293, path);
            vocabulary.Types[290..].ToArray().Should().Equal(PieceType.UserDefined, PieceType.Unused, PieceType.Control);
            ModelTokenizer.Load(path).Encode("ahela<x>", addBeginOfSequence: false).Should().Contain(290).And.NotContain(292);
        }
    }

    [Theory]
    [InlineData(int.MaxValue, "it must be from 0 to")]
    [InlineData(-1, "it must be from 0 to")]
    [InlineData(5, "the vocabulary has the piece")]
    [InlineData(290 + 32_769, "32,768 ids may lack a piece")]
    public void Read_AddedTokenOfTokenizerJsonThatDoesNotFit_IsRefusedAsInItsFolder(int id, string message)
    {
        AddToJson($$"""{"id": {{id}}, "content": "<x>", "special": false}""");
        foreach (string path in new[] { _folder.Path, _folder.File("tokenizer.json") })
            FluentActions.Invoking(() => ModelTokenizer.Load(path)).Should().Throw<ModelFormatException>(path).WithMessage($"*{message}*");
    }

    [Fact]
    public void Read_AddedTokenOfTokenizerJsonWithoutName_ChangesNothing()
    {
        AddToJson("""{"id": 1, "content": "", "special": true}""");
        foreach (string path in new[] { _folder.Path, _folder.File("tokenizer.json") })
            TokenizerFile.Read(path).Pieces[1].Should().Be("<s>", path);
    }

    [Fact]
    public void Read_ManyAddedTokensWithoutNames_WarnsOfSixteen()
    {
        AddToJson(string.Join(',', Enumerable.Repeat("""{"id": 1, "content": ""}""", 10_000)));
        var tokenizer = new HuggingFaceTokenizer(_folder.Path);

        tokenizer.Read();

        tokenizer.Warnings.Should().HaveCount(17);
        tokenizer.Warnings[^1].Should().Contain("further tokens have empty names");
    }

    // These flags restrict a token to whole words, or extend it over the spaces around it. A text is encoded to different tokens if these flags are ignored.
    [Theory]
    [InlineData("single_word")]
    [InlineData("lstrip")]
    [InlineData("rstrip")]
    public void Read_AddedTextWithFlagThatChangesTokens_IsRefused(string flag)
    {
        AddToJson($$"""{"id": 290, "content": "<x>", "{{flag}}": true, "normalized": false, "special": false}""");
        foreach (string path in new[] { _folder.Path, _folder.File("tokenizer.json") })
            FluentActions.Invoking(() => ModelTokenizer.Load(path)).Should().Throw<ModelFormatException>(path).WithMessage($"*{flag} of the added token 290, '<x>'*");

        File.Copy(PublishedForms.PathOf("huggingface-sharded/tokenizer.json"), _folder.File("tokenizer.json"), overwrite: true);
        File.WriteAllText(_folder.File("tokenizer_config.json"), $$$$"""{"added_tokens_decoder": {"290": {"content": "<x>", "{{{{flag}}}}": true}}}""");
        Refuse().Message.Should().Contain($"{flag} of the added token 290, '<x>'");
    }

    // These flags have no effect because text is never encoded to the token, or because all of them are off.
    [Theory]
    [InlineData("\"lstrip\": true, \"rstrip\": true, \"single_word\": true, \"special\": true")]
    [InlineData("\"lstrip\": false, \"rstrip\": false, \"single_word\": false, \"normalized\": true, \"special\": false")]
    [InlineData("\"special\": false")]
    public void Read_AddedTokenWithFlagsThatChangeNoTokens_Loads(string members)
    {
        AddToJson($$"""{"id": 290, "content": "<x>", {{members}}}""");
        foreach (string path in new[] { _folder.Path, _folder.File("tokenizer.json") })
            TokenizerFile.Read(path).Pieces[290].Should().Be("<x>", path);
    }

    // The ids of Hugging Face's tokenizers for the same file, computed with Tokenizers.DotNet 1.4.1: the normalizer puts a space before the token's
    // own text too, so that the token is found only after a space.
    [Theory]
    [InlineData("<x>", 290)]
    [InlineData("a<x>", 270, 276, 63, 123, 65)]
    [InlineData("a <x>", 270, 276, 290)]
    [InlineData("a <x>b", 270, 276, 290, 101)]
    [InlineData("<x><x>", 290, 63, 123, 65)]
    [InlineData("<x> <x>", 290, 290)]
    [InlineData("a  <x>", 270, 276, 270, 290)]
    [InlineData("\n<x>", 270, 13, 63, 123, 65)]
    [InlineData("he two words", 270, 260, 291)]
    [InlineData("hetwo words", 270, 260, 271, 284, 280, 270, 284, 280, 277, 278, 279)]
    [InlineData("two words", 291)]
    public void Encode_NormalizedAddedToken_IsFoundWhereHuggingFaceFindsIt(string text, params int[] expected)
    {
        AddToJson("""{"id": 290, "content": "<x>", "normalized": true}""", """{"id": 291, "content": "two words", "normalized": true}""");
        foreach (string path in new[] { _folder.Path, _folder.File("tokenizer.json") })
        {
            Vocabulary vocabulary = TokenizerFile.Read(path);
            foreach (Vocabulary same in new[] { vocabulary, ThroughGguf(vocabulary) })
            {
                var tokenizer = ModelTokenizer.Create(same);
                tokenizer.Encode(text, addBeginOfSequence: false).Should().Equal(expected, path);
            }
        }
    }

    [Fact]
    public void Encode_AddedTokenThatIsNotNormalized_IsFoundWhereverItsTextIs()
    {
        AddToJson("""{"id": 290, "content": "<x>", "normalized": false}""");
        ModelTokenizer.Load(_folder.Path).Encode("a<x>", addBeginOfSequence: false).Should().Equal(270, 276, 290);
    }

    // The pre-tokenizer adds its space only after the added tokens have been found.
    [Fact]
    public void Encode_NormalizedAddedTokenWithoutPrepend_IsFoundWhereverItsTextIs()
    {
        AddToJson("""{"id": 290, "content": "<x>", "normalized": true}""");
        string path = _folder.File("tokenizer.json"), text = File.ReadAllText(path);
        int start = text.IndexOf("\"normalizer\"", StringComparison.Ordinal), end = text.IndexOf("\"post_processor\"", StringComparison.Ordinal);
        File.WriteAllText(path, text[..start] + "\"normalizer\": null, \"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"\u2581\", \"prepend_scheme\": \"first\", \"split\": false}, " + text[end..]);

        ModelTokenizer.Load(path).Encode("a<x>", addBeginOfSequence: false).Should().Equal(270, 276, 290);
    }

    [Fact]
    public void Save_NormalizedAddedToken_IsRefused()
    {
        AddToJson("""{"id": 290, "content": "<x>", "normalized": true}""");
        ModelTokenizer.Load(_folder.Path).Invoking(tokenizer => tokenizer.Save(_folder.File("saved.model"))).Should().Throw<ModelFormatException>().WithMessage("*'<x>'*keep the tokenizer.json*");
    }

    private static Vocabulary ThroughGguf(Vocabulary vocabulary)
    {
        var metadata = new Dictionary<string, object>();
        VocabularyMetadata.Add(metadata, vocabulary);
        var gguf = new GgufBuilder();
        foreach ((string key, object value) in metadata)
            gguf.Add(key, value);
        using GgufFile file = gguf.Open();
        return GgufVocabularyReader.Read(file);
    }

    private void AddToJson(params string[] tokens)
    {
        string text = File.ReadAllText(_folder.File("tokenizer.json"));
        const string Start = "\"added_tokens\": [";
        text.Should().Contain(Start);
        File.WriteAllText(_folder.File("tokenizer.json"), text.Replace(Start, Start + string.Concat(tokens.Select(token => token + ", ")), StringComparison.Ordinal));
    }

    private ModelFormatException Refuse()
    {
        ModelFormatException? fault = RefusalLimits.Run(() => new HuggingFaceTokenizer(_folder.Path).Read(), "added tokens");
        fault.Should().NotBeNull();
        return fault!;
    }
}
