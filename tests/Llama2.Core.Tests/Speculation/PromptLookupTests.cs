using CsCheck;
using Llama2.Speculation;

namespace Llama2.Tests.Speculation;

public class PromptLookupTests
{
    [Fact]
    public void Draft_TokensThatOccurredBefore_GuessesWhatFollowedThere()
    {
        int[] draft = new int[4];
        int count = new PromptLookup(100).Draft([7, 1, 2, 3, 4, 5, 6, 9, 8, 1, 2, 3], draft);

        draft.Take(count).Should().Equal(4, 5, 6, 9);
    }

    [Fact]
    public void Draft_NewTokensOnly_GuessesNothing()
        => new PromptLookup(100).Draft([1, 2, 3, 4, 5, 6, 7, 8, 9], new int[4]).Should().Be(0);

    [Fact]
    public void Draft_TextThatRepeatsItself_GuessesBeyondItsEnd()
    {
        int[] draft = new int[10];
        int count = new PromptLookup(100).Draft([9, 1, 2, 3, 1, 2, 3], draft);

        draft.Take(count).Should().Equal(1, 2, 3, 1, 2, 3, 1, 2, 3, 1);
    }

    [Fact]
    public void Draft_SeveralPlaces_TakesTheOneWithTheLongestMatch()
    {
        // The three newest tokens occurred last before token 50, but the six newest ones occurred before token 40.
        int[] draft = new int[1];
        var lookup = new PromptLookup(100);
        lookup.Draft([1, 2, 3, 4, 5, 6, 40, 8, 9, 4, 5, 6, 50, 1, 2, 3, 4, 5, 6], draft);

        draft.Should().Equal(40);
        lookup.Grade.Should().Be(3);
    }

    [Fact]
    public void Draft_AfterAWrongGuess_GoesOnBehindTheChangedToken()
    {
        int[] draft = new int[3];
        var lookup = new PromptLookup(100);
        int[] prompt = [1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 1, 2, 3];
        lookup.Draft(prompt, draft);
        draft.Should().Equal(4, 5, 6);

        // Token 4 was guessed; the text has 60 instead.
        lookup.Draft([.. prompt, 60], draft);

        draft.Should().Equal(5, 6, 7);
        lookup.Grade.Should().Be(0);
    }

    [Fact]
    public void Draft_TokensDroppedFromTheText_ForgetsThePlaces()
    {
        int[] draft = new int[2];
        var lookup = new PromptLookup(100);
        lookup.Draft([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3], draft).Should().Be(2);

        lookup.Draft([1, 9, 10, 1, 2, 3], draft).Should().Be(0);
        lookup.Draft([1, 9, 10, 1, 2, 3, 20, 30, 1, 2, 3], draft).Should().Be(2);
        draft.Should().Equal(20, 30);
    }

    // Compared with a search over the whole text. The tables are so large that no entry displaces another one.
    [Fact]
    public void Draft_AnyText_GuessesWhereThreeTokensOccurredBefore()
        => Gen.Select(Gen.Int[0, 3].Array[1, 120], Gen.Int[1, 9]).Sample((text, length) =>
        {
            var lookup = new PromptLookup(1 << 16);
            int[] draft = new int[length];
            for (int count = 1; count <= text.Length; count += 1 + count % 3)
            {
                ReadOnlySpan<int> tokens = text.AsSpan(0, count);
                int guessed = lookup.Draft(tokens, draft);
                bool occurred = count > 3 && tokens[..^1].IndexOf(tokens[^3..]) >= 0;
                (guessed == length || !occurred).Should().BeTrue();
                if (guessed > 0)
                {
                    draft.Should().OnlyContain(token => text.Take(count).Contains(token));
                }
            }
        });

    [Fact]
    public void Draft_LongText_AllocatesNothing()
    {
        int[] text = [.. Enumerable.Range(0, 5000).Select(i => i * i % 97)];
        int[] draft = new int[16];
        var lookup = new PromptLookup(text.Length);
        int count = 100;
        AllocationMeter.Measure(() =>
        {
            lookup.Draft(text.AsSpan(0, count), draft);
            count++;
        }).Should().Be(0);
    }
}
