using System.Text.Json;
using Llama2.Formats.Gguf;
using Llama2.Tests.Formats.MetaCheckpoint;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>The models of tests/Reference/sentencepiece_normalizers.py, and the output that SentencePiece 0.1.97 gave for texts with each model.</summary>
public sealed class TextNormalizerTests : IDisposable
{
    private static readonly string[] s_names = ["spaces", "rules", "rules-kept-spaces"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. s_names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_NormalizedTexts_AreSentencePieces(string name) => Verify(name, ModelTokenizer.Load(PathOf(name + ".model")));

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_ThroughOtherForms_IsTheSame(string name)
    {
        Vocabulary vocabulary = TokenizerFile.Read(PathOf(name + ".model"));
        ModelTokenizer.Create(vocabulary).Save(_folder.File("tokenizer.model"));
        Verify(name, ModelTokenizer.Load(_folder.File("tokenizer.model")));

        var metadata = new OrderedDictionary<string, object>();
        VocabularyMetadata.Add(metadata, vocabulary);
        using (var writer = new GgufWriter(_folder.File("vocabulary.gguf")))
        {
            writer.Add("general.architecture", "llama");
            foreach ((string key, object value) in metadata)
                writer.Add(key, value);
            writer.Complete();
        }

        Verify(name, ModelTokenizer.Load(_folder.File("vocabulary.gguf")));
    }

    // Origins are positions in the original text, whatever the normalizer has removed or inserted.
    [Theory]
    [MemberData(nameof(Names))]
    public void NormalizePrompt_Texts_GivesTheOriginOfEachCharacter(string name)
    {
        ModelTokenizer tokenizer = ModelTokenizer.Load(PathOf(name + ".model"));
        foreach ((string text, int[] expected, _) in Cases(name))
        {
            using NormalizedText normalized = tokenizer.NormalizePrompt(text, isStart: true);
            List<int> ids = [], ends = [];
            tokenizer.EncodePrompt(normalized.Text, [], ids, ends);
            ids.Should().Equal(expected, $"of '{text}'");
            ends.Should().HaveCount(ids.Count).And.BeInAscendingOrder();

            TextRange[] origins = normalized.Origins.ToArray();
            origins.Should().HaveCount(normalized.Text.Length);
            origins.Select(origin => origin.Start).Should().BeInAscendingOrder();
            origins.Select(origin => origin.End).Should().BeInAscendingOrder();
            origins.All(origin => origin.Start >= 0 && origin.Start <= origin.End && origin.End <= text.Length).Should().BeTrue();
        }
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 }, "trie")]
    [InlineData(new byte[] { 4, 0, 0, 0, 0, 0, 0, 0 }, "trie")]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 0 }, "trie")]
    [InlineData(new byte[] { 255, 255, 255, 255, 0, 0, 0, 0, 0 }, "trie")]
    [InlineData(new byte[] { 4, 0, 0, 0, 0, 0, 0, 0, 65 }, "replacements")]
    public void Create_DamagedMap_IsRefused(byte[] bytes, string field) =>
        FluentActions.Invoking(() => CharacterMap.Create(bytes, "test")).Should().Throw<ModelFormatException>().Which.Field.Should().Contain(field);

    [Fact]
    public void Create_LongReplacement_IsRefused() =>
        FluentActions.Invoking(() => CharacterMap.Create([4, 0, 0, 0, 0, 0, 0, 0, .. Enumerable.Repeat((byte)65, 257), 0], "test")).Should().Throw<ModelFormatException>().WithMessage("*257 bytes*");

    // Whatever bytes the trie consists of, a search in it ends and never reads outside these bytes.
    [Fact]
    public void Encode_ChangedMaps_GiveTokensOrAreRefused()
    {
        byte[] whole = File.ReadAllBytes(PathOf("rules.model"));
        var random = new Random(5);
        int read = 0;
        for (int i = 0; i < 2_000; i++)
        {
            byte[] changed = [.. whole];
            for (int count = random.Next(1, 6); count > 0; count--)
                changed[random.Next(whole.Length * 4 / 5, whole.Length)] = (byte)random.Next(256);
            ModelFormatException? fault = RefusalLimits.Run(() =>
            {
                var tokenizer = ModelTokenizer.Create(TokenizerFile.Parse(changed, "changed"));
                tokenizer.Decode(tokenizer.Encode("A\uff21 \ufb01 e\u0301\u00a0\u33a2 -- \u2026 caf\u00e9 \ud83d\ude00", addBeginOfSequence: false));
            }, $"change {i}");
            read += fault is null ? 1 : 0;
        }

        read.Should().BeGreaterThan(100);
    }

    private static void Verify(string name, ModelTokenizer tokenizer)
    {
        foreach ((string text, int[] ids, string decoded) in Cases(name))
        {
            tokenizer.Encode(text, addBeginOfSequence: false).Should().Equal(ids, $"of '{text}'");
            tokenizer.Decode(ids.AsSpan()).Should().Be(decoded);
        }
    }

    private static IEnumerable<(string Text, int[] Ids, string Decoded)> Cases(string name)
    {
        foreach (string line in File.ReadLines(PathOf(name + ".jsonl")))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            yield return (json.RootElement.GetProperty("text").GetString()!, [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())], json.RootElement.GetProperty("decoded").GetString()!);
        }
    }

    private static string PathOf(string name) => RepositoryFiles.Committed("tests", "data", "tokenizers", name);
}
