using System.Text.Json;
using Llama2.Evaluation.Backends;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Backends;

public sealed class RequestEncoderTests
{
    // Made by lm-evaluation-harness' own code: tests/Reference/harness_pairs.py.
    private static readonly JsonElement s_pairs = GoldenFile.Read(Path.Combine("harness", "pairs.json"));
    private static readonly (bool AddsBegin, int ContextLength)[] s_forms = [(true, 512), (false, 512), (true, 4)];
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));

    [Fact]
    public void Encode_PairsOfTexts_GivesTheHarnessTokens() => Check("spm512.model", s_tokenizer);

    [GoldenFact]
    public void Encode_PairsOfTextsInLlamasVocabulary_GivesTheHarnessTokens()
        => Check("tokenizer.model", ModelTokenizer.Load(RepositoryFiles.Golden("tokenizer", "tokenizer.model")));

    [Theory]
    [InlineData("The cow says", true)]
    [InlineData("The cow says", false)]
    [InlineData("", true)]
    [InlineData("", false)]
    public void Encode_NothingToScore_ScoresNoToken(string context, bool addsBegin)
    {
        (int[] tokens, int start, bool isTruncated) = Encode(s_tokenizer, context, "", addsBegin, 512);

        (start, isTruncated).Should().Be((tokens.Length, false));
        tokens.Should().NotBeEmpty();
    }

    [Fact]
    public void Encode_ContinuationThatMergesWithTheContext_ScoresTheLastToken()
    {
        (int[] tokens, int start, _) = Encode(s_tokenizer, "The cow says", "s", addsBegin: true, 512);

        // Both texts together have no more tokens than the context alone.
        tokens.Should().Equal(s_tokenizer.Encode("The cow sayss", addBeginOfSequence: true)).And.HaveCount(s_tokenizer.Encode("The cow says", addBeginOfSequence: true).Length);
        start.Should().Be(tokens.Length - 1);
    }

    [Fact]
    public void Encode_PairOfOneTokenWithoutABeginningToken_ScoresItAfterThePrefix()
    {
        (int[] tokens, int start, _) = Encode(s_tokenizer, "th", "e", addsBegin: false, 512);

        tokens.Should().Equal([s_tokenizer.BeginOfSequenceId, .. s_tokenizer.Encode("the", addBeginOfSequence: false)]).And.HaveCount(2);
        start.Should().Be(1);
    }

    [Fact]
    public void Encode_ContinuationLongerThanTheContext_ScoresWhatFits()
    {
        (int[] tokens, int start, bool isTruncated) = Encode(s_tokenizer, "The cow", " says moo to the other cow", addsBegin: true, 4);

        (tokens.Length, start, isTruncated).Should().Be((5, 1, true));
        tokens.Should().Equal(s_tokenizer.Encode("The cow says moo to the other cow", addBeginOfSequence: true)[^5..]);
    }

    private static void Check(string name, ModelTokenizer tokenizer)
    {
        List<string> faults = [];
        int count = 0;
        foreach (JsonElement pair in s_pairs.GetProperty(name).EnumerateArray())
        {
            foreach (((bool addsBegin, int contextLength), JsonElement expected) in s_forms.Zip(pair.EnumerateArray().Skip(2)))
            {
                (int[] tokens, int start, bool isTruncated) = Encode(tokenizer, pair[0].GetString()!, pair[1].GetString()!, addsBegin, contextLength);
                // Where the harness fails, there is no expected value.
                bool isRight = expected.GetArrayLength() == 0
                    ? start >= 1 && start <= tokens.Length && tokens.Length <= contextLength + 1
                    : tokens.SequenceEqual(expected[0].EnumerateArray().Select(token => token.GetInt32())) && tokens.Length - start == expected[1].GetInt32();
                if (!isRight || (isTruncated && tokens.Length != contextLength + 1))
                    faults.Add($"{pair[0].GetRawText()} {pair[1].GetRawText()} {addsBegin} {contextLength}: [{string.Join(",", tokens)}] from {start}, not {expected.GetRawText()}");
                count += expected.GetArrayLength() == 0 ? 0 : 1;
            }
        }

        faults.Should().BeEmpty();
        count.Should().BeGreaterThan(500);
    }

    private static (int[] Tokens, int Start, bool IsTruncated) Encode(ModelTokenizer tokenizer, string context, string continuation, bool addsBegin, int contextLength)
        => new RequestEncoder(new VocabularyModel(tokenizer, contextLength), new ModelBackendOptions { AddBeginOfSequence = addsBegin })
            .Encode(new LogLikelihoodRequest(context, continuation), CancellationToken.None);
}
