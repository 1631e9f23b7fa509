using System.Text;
using Llama2.Tests.Conversion;
using Llama2.Tests.Formats.MetaCheckpoint;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class TokenizerJsonReaderTests
{
    private static readonly string s_whole = File.ReadAllText(PublishedForms.PathOf("huggingface-sharded/tokenizer.json"));

    [Theory]
    [InlineData("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "only 'BPE'")]
    [InlineData("\"type\": \"BPE\"", "\"type\": 7", "it must be a string")]
    [InlineData("\"byte_fallback\": true", "\"byte_fallback\": false", "as bytes")]
    [InlineData("\"ignore_merges\": false", "\"ignore_merges\": true", "Llama 2's tokenizer always merges")]
    [InlineData("\"type\": \"Prepend\"", "\"type\": \"NFKC\"", "only Llama's normalizer")]
    [InlineData("\"normalizers\"", "\"others\"", "missing")]
    [InlineData("\"<unk>\": 0,", "\"<unk>\": 1,", "has this id too")]
    [InlineData("\"<unk>\": 0,", "\"<unk>\": -1,", "vocab.<unk> is -1; an id must be a whole number")]
    [InlineData("\"<unk>\": 0,", "\"<unk>\": \"0\",", "vocab.<unk> is \"0\"; an id must be a whole number")]
    [InlineData("\"<unk>\": 0,", "\"<unk>\": 1048576,", "an id must be a whole number")]
    [InlineData("\"<unk>\": 0,", "\"<unk>\": 1e300,", "an id must be a whole number")]
    [InlineData("\"<unk>\": 0,", "\"<unk>\": 200000,", "must start at 0 and have no gaps")]
    [InlineData("\"<unk>\": 0,", "", "must start at 0 and have no gaps")]
    [InlineData("\"h e\"", "\"h\"", "a merge must be two pieces")]
    [InlineData("\"h e\"", "\"h e e\"", "a merge must be two pieces")]
    [InlineData("\"h e\"", "[\"h\"]", "a merge must be two pieces")]
    [InlineData("\"h e\"", "[\"h\", 7]", "a merge must be two pieces")]
    [InlineData("\"h e\"", "null", "a merge must be two pieces")]
    [InlineData("\"h e\"", "\"h q\"", "pieces of the vocabulary")]
    [InlineData("\"merges\": [", "\"merges\": {\"a\": 1}, \"x\": [", "it must be an array")]
    [InlineData("\"merges\"", "\"others\"", "missing")]
    [InlineData("\"vocab\"", "\"others\"", "missing")]
    [InlineData("\"model\"", "\"others\"", "missing")]
    public void Read_WhatIsNotLlamas_IsRefused(string before, string after, string message)
    {
        s_whole.Should().Contain(before);
        int at = s_whole.LastIndexOf(before, StringComparison.Ordinal);
        Refuse(s_whole[..at] + after + s_whole[(at + before.Length)..], after).Message.Should().Contain(message);
    }

    [Fact]
    public void Read_MergesInAnotherOrder_AreRefused()
    {
        // A merge of another piece stands between two merges of one piece; scores of pieces cannot express that order.
        string changed = s_whole.Replace("\"h e\"", "\"h e\", \"i n\", \"h e\"", StringComparison.Ordinal);
        Refuse(changed, "merges that come twice");
    }

    [Fact]
    public void Read_LongPiece_IsRefused() =>
        Refuse(s_whole.Replace("\"<unk>\": 0,", $"\"<unk>\": 0, \"{new string('x', 100_000)}\": 290,", StringComparison.Ordinal), "a piece of 100,000 bytes");

    [Fact]
    public void Read_MergeOfSpaces_CostsNoMoreThanItsText() =>
        Refuse(s_whole.Replace("\"h e\"", $"\"{new string(' ', 4 << 20)}\"", StringComparison.Ordinal), "a merge of four million spaces").Message.Should().Contain("a merge must be two pieces");

    [Fact]
    public void Read_DeepNesting_IsRefused()
    {
        Refuse("{\"model\":" + new string('[', 1_000_000), "a million arrays");
        Refuse(string.Concat(Enumerable.Repeat("{\"model\":", 100_000)), "a hundred thousand objects");
        // Llama's tokenizers do not contain sequences within sequences.
        Refuse(
            s_whole.Replace("\"type\": \"Prepend\"", "\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Sequence\", \"normalizers\": []}]", StringComparison.Ordinal),
            "sequences in sequences");
    }

    [Fact]
    public void Parse_DamagedFiles_LoadOrAreRefused()
    {
        byte[] whole = Encoding.UTF8.GetBytes(s_whole);
        string[] words = ["null", "[", "{", "}", "]", "\"", ",", ":", "-1", "1e99", "\\ud800", "\\u0000", "true", " ", "\u2581"];
        var random = new Random(8);
        int refusedCount = 0;
        for (int i = 0; i < 1500; i++)
        {
            List<byte> damaged = [.. whole];
            for (int count = random.Next(1, 4); count > 0; count--)
            {
                int at = random.Next(damaged.Count);
                damaged.RemoveRange(at, Math.Min(damaged.Count - at, random.Next(4)));
                damaged.InsertRange(at, random.Next(2) == 0 ? [(byte)random.Next(256)] : Encoding.UTF8.GetBytes(words[random.Next(words.Length)]));
            }

            refusedCount += RefusalLimits.Run(() => TokenizerFile.Parse(damaged.ToArray(), "tokenizer.json"), $"damage {i}") is null ? 0 : 1;
        }

        refusedCount.Should().BeGreaterThan(1000);
    }

    private static ModelFormatException Refuse(string json, string what)
    {
        ModelFormatException? fault = RefusalLimits.Run(() => TokenizerFile.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json"), what);
        fault.Should().NotBeNull(what);
        return fault!;
    }
}
