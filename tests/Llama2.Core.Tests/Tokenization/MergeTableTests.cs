using System.Text;
using System.Text.Json;
using CsCheck;
using Llama2.Formats.Gguf;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>
/// The order in which the merges of a tokenizer.json are applied: the order of its list, as in Hugging Face's tokenizers, or the order of the scores if
/// both orders give the same tokens.
/// </summary>
public sealed class MergeTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The ids are those of Hugging Face's tokenizers and of SentencePiece, which agree.
    [Theory]
    [InlineData("a", 263, 262)]
    [InlineData("a a", 263, 262, 263, 262)]
    [InlineData("a  a", 263, 262, 259, 262)]
    [InlineData("a   a", 263, 262, 261, 262)]
    [InlineData("a    a", 263, 262, 260, 262)]
    [InlineData("a     a", 263, 262, 260, 263, 262)]
    [InlineData("  a", 261, 262)]
    [InlineData("       a", 260, 260, 262)]
    [InlineData("         ", 260, 260, 259)]
    public void Encode_RunsTiedInScore_MergeAsInTheirList(string text, params int[] ids)
    {
        ModelTokenizer tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "tokenizers", "tied-runs.json"));

        tokenizer.Encode(text, addBeginOfSequence: false).Should().Equal(ids);

        // The three pieces of spaces have equal scores, so the vocabulary can be written in every file format.
        tokenizer.Save(_folder.File("tokenizer.model"));
        ModelTokenizer.Load(_folder.File("tokenizer.model")).Encode(text, addBeginOfSequence: false).Should().Equal(ids);
    }

    // transformers sorts merges by the score of the merged piece, then by the length of the left part and of the right part, all descending
    // (SentencePieceExtractor).
    [GoldenFact]
    public void Read_MergesOfLlama2AsTransformersListsThem_GivesTheTokensOfSentencePiece()
    {
        Vocabulary llama = TokenizerFile.Read(RepositoryFiles.Golden("tokenizer", "tokenizer.model"));
        var scores = new Dictionary<string, float>(StringComparer.Ordinal);
        for (int id = 0; id < llama.Count; id++)
            scores[llama.Pieces[id]] = llama.Scores[id];
        var merges = from piece in scores
                     from cut in Enumerable.Range(1, piece.Key.Length - 1)
                     let left = piece.Key[..cut]
                     let right = piece.Key[cut..]
                     where scores.ContainsKey(left) && scores.ContainsKey(right)
                     orderby piece.Value descending, left.Length descending, right.Length descending
                     select (left, right);

        foreach (bool arePairs in new[] { false, true })
        {
            Vocabulary vocabulary = Read([.. llama.Pieces], merges, arePairs);
            vocabulary.Options.Merges.Should().BeNull("scores say the order");
            TokenizerGoldenCases.Verify(ModelTokenizer.Create(vocabulary));
        }
    }

    // Two pieces with equal scores: the merge (ab, c) comes before (b, c), which comes before (a, bc).
    [Fact]
    public void Encode_PairsOfAPieceThatDoNotStandTogether_MergeByTheirRank()
    {
        string[] pieces = ["<unk>", "<s>", "</s>", .. Bytes(), "\u2581", "a", "b", "c", "ab", "bc", "abc"];
        Vocabulary vocabulary = Read(pieces, [("ab", "c"), ("b", "c"), ("a", "bc"), ("a", "b")], arePairs: true);

        vocabulary.Options.Merges.Should().NotBeNull();
        Encode(vocabulary, "abc").Should().Equal("\u2581", "abc");
        Encode(vocabulary, "aab").Should().Equal("\u2581", "a", "ab");
    }

    [Fact]
    public void Encode_ListWithoutSomePairs_MergesThoseOnly()
    {
        string[] pieces = ["<unk>", "<s>", "</s>", .. Bytes(), "\u2581", "a", "b", "ab", "aab"];
        Encode(Read(pieces, [("a", "b")], arePairs: false), "aab").Should().Equal("\u2581", "a", "ab");
        Encode(Read(pieces, [("a", "b"), ("a", "ab")], arePairs: false), "aab").Should().Equal("\u2581", "aab");
    }

    // Compares with the simplest algorithm: repeatedly merge the pair of the best rank, the leftmost of equals, until there is none.
    [Fact]
    public void Encode_AnyListOfMerges_IsThatOfHuggingFace()
    {
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.String[Gen.Char["abc "], 0, 24]).Sample((seed, text) =>
        {
            var random = new Random(seed);
            List<string> pieces = ["\u2581", "a", "b", "c"];
            List<(string, string)> merges = [];
            for (int i = 0; i < 40; i++)
            {
                (string left, string right) = (pieces[random.Next(pieces.Count)], pieces[random.Next(pieces.Count)]);
                if (left.Length + right.Length > 6 || merges.Contains((left, right)))
                    continue;
                if (!pieces.Contains(left + right))
                    pieces.Add(left + right);
                merges.Insert(random.Next(merges.Count + 1), (left, right));
            }

            // A merge may be listed before its parts can exist; then it is never applied.
            Vocabulary vocabulary = Read(["<unk>", "<s>", "</s>", .. Bytes(), .. pieces], merges, arePairs: random.Next(2) == 0);
            if (vocabulary.Options.Merges is not null)
                Encode(vocabulary, text).Should().Equal(Naive(merges, text), $"of '{text}' by {string.Join(", ", merges)}");
        }, iter: 2_000);
    }

    [Fact]
    public void Merges_ThroughGguf_StayAsTheyAre()
    {
        string[] pieces = ["<unk>", "<s>", "</s>", .. Bytes(), "\u2581", "a", "b", "c", "ab", "bc", "abc"];
        Vocabulary vocabulary = Read(pieces, [("ab", "c"), ("b", "c"), ("a", "bc"), ("a", "b")], arePairs: true);
        var metadata = new OrderedDictionary<string, object>();
        VocabularyMetadata.Add(metadata, vocabulary);
        using (var writer = new GgufWriter(_folder.File("vocabulary.gguf")))
        {
            writer.Add("general.architecture", "llama");
            foreach ((string key, object value) in metadata)
                writer.Add(key, value);
            writer.Complete();
        }

        Encode(TokenizerFile.Read(_folder.File("vocabulary.gguf")), "abcab").Should().Equal(Encode(vocabulary, "abcab"));
        FluentActions.Invoking(() => ModelTokenizer.Create(vocabulary).Save(_folder.File("tokenizer.model")))
            .Should().Throw<ModelFormatException>().WithMessage("*merges*scores*convert to GGUF*");
    }

    [Theory]
    [InlineData("[1, 2", "malformed")]
    [InlineData("[\"a b\", \"a b\"]", "the list must not have it twice")]
    [InlineData("[0,0,0,0]", "a merge must be two pieces")]
    public void Read_DamagedMerges_AreRefused(string merges, string message)
    {
        string[] pieces = ["<unk>", "<s>", "</s>", .. Bytes(), "\u2581", "a", "b", "ab"];
        string json = Json(pieces, [], arePairs: false).Replace("\"merges\":[]", $"\"merges\":{merges}", StringComparison.Ordinal);
        FluentActions.Invoking(() => TokenizerFile.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json")).Should().Throw<ModelFormatException>().WithMessage($"*{message}*");
    }

    private static IEnumerable<string> Bytes() => Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>");

    private static Vocabulary Read(string[] pieces, IEnumerable<(string, string)> merges, bool arePairs) =>
        TokenizerFile.Parse(Encoding.UTF8.GetBytes(Json(pieces, merges, arePairs)), "tokenizer.json");

    private static string Json(string[] pieces, IEnumerable<(string Left, string Right)> merges, bool arePairs)
    {
        var text = new StringBuilder("""
            {"added_tokens":[{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true},{"id":2,"content":"</s>","special":true}],
            "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},
            "pre_tokenizer":null,"model":{"type":"BPE","unk_token":"<unk>","byte_fallback":true,"vocab":{
            """);
        text.AppendJoin(',', pieces.Select((piece, id) => $"{Quote(piece)}:{id}")).Append("},\"merges\":[");
        text.AppendJoin(',', merges.Select(merge => arePairs ? $"[{Quote(merge.Left)},{Quote(merge.Right)}]" : Quote($"{merge.Left} {merge.Right}")));
        return text.Append("]}}").ToString();

        static string Quote(string value) => $"\"{JsonEncodedText.Encode(value)}\"";
    }

    private static string[] Encode(Vocabulary vocabulary, string text)
    {
        ModelTokenizer tokenizer = ModelTokenizer.Create(vocabulary);
        return [.. tokenizer.Encode(text, addBeginOfSequence: false).Select(tokenizer.GetTokenText)];
    }

    private static List<string> Naive(List<(string, string)> merges, string text)
    {
        List<string> symbols = text.Length == 0 ? [] : [.. ("\u2581" + text.Replace(' ', '\u2581')).Select(character => character.ToString())];
        while (true)
        {
            int best = -1, bestRank = int.MaxValue;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                if (merges.IndexOf((symbols[i], symbols[i + 1])) is >= 0 and var rank && rank < bestRank)
                    (best, bestRank) = (i, rank);
            }

            if (best < 0)
                return symbols;
            symbols[best] += symbols[best + 1];
            symbols.RemoveAt(best + 1);
        }
    }
}
