namespace Llama2.Tests.Grammar;

public class ConstraintMatcherTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private readonly ModelTokenizer _tokenizer = demonstration.Model.Tokenizer;

    [Theory]
    [InlineData("""{"a": [1, 2], "b": "é\n"}""", true)]
    [InlineData("""{"a": [1, 2], "b": 7}""", false)]
    [InlineData("""{"a": [1, 2]""", false)]
    [InlineData("""{"a": [1, 2], "b": ""} """, false)]
    public void TryAccept_TextOfASchema_AcceptsItToItsEnd(string text, bool fits)
    {
        OutputConstraint constraint = OutputConstraint.JsonSchema(
            """{"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}, "b": {"type": "string"}}, "required": ["a", "b"], "additionalProperties": false}""");

        Fits(constraint, text).Should().Be(fits);
    }

    [Fact]
    public void ComputeMask_HasExactlyTheTokensThatAreAccepted()
    {
        OutputConstraint constraint = OutputConstraint.Choice("a cat", "a dog", "no");
        for (int first = 0; first < _tokenizer.VocabularySize; first++)
        {
            ConstraintMatcher matcher = constraint.CreateMatcher(_tokenizer);
            bool isAllowed = IsAllowed(matcher, first);

            matcher.TryAccept(first).Should().Be(isAllowed, "of token {0}", first);
        }
    }

    [Fact]
    public void TryAccept_EndOfSequence_IsAcceptedWhereTheTextMayEnd()
    {
        ConstraintMatcher matcher = OutputConstraint.Regex("yes+").CreateMatcher(_tokenizer);
        int end = _tokenizer.EndOfSequenceId;

        matcher.TryAccept(end).Should().BeFalse();
        foreach (int token in _tokenizer.Encode("yes", addBeginOfSequence: false))
            matcher.TryAccept(token).Should().BeTrue();

        matcher.CanEnd.Should().BeTrue();
        matcher.IsComplete.Should().BeFalse();
        IsAllowed(matcher, end).Should().BeTrue();
        matcher.TryAccept(end).Should().BeTrue();
    }

    [Fact]
    public void ComputeMask_WithALimit_LeadsToTheEndWithinIt()
    {
        OutputConstraint constraint = OutputConstraint.Json();
        for (int limit = 1; limit < 30; limit++)
        {
            var random = new Random(limit);
            ConstraintMatcher matcher = constraint.CreateMatcher(_tokenizer, limit);
            int count = 0;
            for (; count < limit && !matcher.IsComplete; count++)
            {
                int[] allowed = [.. Enumerable.Range(0, _tokenizer.VocabularySize).Where(token => IsAllowed(matcher, token))];
                int[] going = [.. allowed.Where(token => !_tokenizer.IsEndOfGeneration(token))];
                if (going.Length == 0)
                    break;
                matcher.TryAccept(going[random.Next(going.Length)]).Should().BeTrue();
            }

            matcher.CanEnd.Should().BeTrue("it has {0} of {1} tokens", count, limit);
        }
    }

    [Fact]
    public void TryAccept_TokenThatWouldLeaveTooFew_IsRefusedAsInTheMask()
    {
        OutputConstraint constraint = OutputConstraint.Json();
        int bracket = Enumerable.Range(0, _tokenizer.VocabularySize).First(token => _tokenizer.GetTokenText(token) == "[");

        ConstraintMatcher narrow = constraint.CreateMatcher(_tokenizer, maxTokens: 1), wide = constraint.CreateMatcher(_tokenizer, maxTokens: 2);

        IsAllowed(narrow, bracket).Should().BeFalse();
        narrow.TryAccept(bracket).Should().BeFalse();
        wide.TryAccept(bracket).Should().BeTrue();
    }

    [Fact]
    public void CreateMatcher_LimitBelowTheMinimum_IsRefused()
    {
        OutputConstraint constraint = OutputConstraint.Regex("a{20}");

        Action create = () => constraint.CreateMatcher(_tokenizer, constraint.FindMinTokenCount(_tokenizer) - 1);

        create.Should().Throw<OutputConstraintException>();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void TryAccept_NoTokenOfTheVocabulary_Throws(int token) =>
        OutputConstraint.Json().CreateMatcher(_tokenizer).Invoking(matcher => matcher.TryAccept(token)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void RuleCount_GrowsWithTheSchema()
    {
        OutputConstraint small = OutputConstraint.JsonSchema("""{"type": "string"}"""), large = OutputConstraint.JsonSchema(
            """{"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}, "b": {"type": "boolean"}}}""");

        large.RuleCount.Should().BeGreaterThan(small.RuleCount);
        large.LexemeCount.Should().BeGreaterThan(small.LexemeCount);
        OutputConstraint.Regex("a|b").RuleCount.Should().Be(1);
    }

    // The example of docs/constraints.md.
    private bool Fits(OutputConstraint constraint, string text)
    {
        ConstraintMatcher matcher = constraint.CreateMatcher(_tokenizer);
        foreach (int token in _tokenizer.Encode(text, addBeginOfSequence: false))
        {
            if (!matcher.TryAccept(token))
                return false;
        }

        return matcher.CanEnd;
    }

    private static bool IsAllowed(ConstraintMatcher matcher, int token) => (matcher.ComputeMask()[token >> 6] >> token & 1) != 0;
}
