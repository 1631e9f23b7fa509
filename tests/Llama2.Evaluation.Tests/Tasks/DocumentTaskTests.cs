using System.Text.Json;
using Llama2.Evaluation.Scoring;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Tests.Tasks;

public sealed class DocumentTaskTests
{
    private static readonly JsonElement[] s_documents =
    [
        .. new[] { "{\"q\":\"one\",\"a\":0}", "{\"q\":\"two\",\"a\":1}", "{\"q\":\"three\",\"a\":2}" }.Select(text => JsonElement.Parse(text)),
    ];

    private static readonly DocumentTaskDefinition s_choice = new()
    {
        Info = new EvaluationTaskInfo("numbers"),
        Output = DocumentOutput.MultipleChoice,
        Documents = s_documents,
        Text = document => $"Q: {document.GetProperty("q").GetString()}\nA:",
        Target = document => document.GetProperty("a").GetInt32(),
        Choices = _ => ["I", "II", "III"],
        Metrics =
        [
            new DocumentMetric(new TaskMetric("acc"), ChoiceMetrics.Accuracy),
            new DocumentMetric(new TaskMetric("acc_norm"), ChoiceMetrics.NormalizedAccuracy),
            new DocumentMetric(new TaskMetric(ChoiceMetrics.MutualInformation), ChoiceMetrics.MutualInformationAccuracy),
            new DocumentMetric(new TaskMetric("exact_match"), ChoiceMetrics.ExactMatch),
            new DocumentMetric(new TaskMetric("brier_score"), ChoiceMetrics.BrierScore),
        ],
        Description = _ => "Numbers.\n\n",
        FewShots = new FirstExamples(s_documents, 1, excludesQuestion: true),
    };

    [Fact]
    public void CreateExample_MultipleChoice_AsksForEachChoiceAfterTheSolvedExamples()
    {
        EvaluationExample example = new DocumentTask(s_choice).CreateExample(1);

        const string Context = "Numbers.\n\nQ: one\nA: I\n\nQ: two\nA:";
        example.Requests.Should().Equal(
            new LogLikelihoodRequest(Context, " I"),
            new LogLikelihoodRequest(Context, " II"),
            new LogLikelihoodRequest(Context, " III"),
            new LogLikelihoodRequest("", " I"),
            new LogLikelihoodRequest("", " II"),
            new LogLikelihoodRequest("", " III"));
        example.Target.Should().Be("II");
    }

    [Fact]
    public void CreateExample_QuestionThatIsAmongTheSolvedExamples_IsLeftOut()
        => new DocumentTask(s_choice).CreateExample(0).Requests[0].Should().Be(new LogLikelihoodRequest("Numbers.\n\nQ: two\nA: II\n\nQ: one\nA:", " I"));

    [Fact]
    public void CreateExample_Conversation_HasTheSolvedExamplesAsTurns()
    {
        var task = new DocumentTask(s_choice with { UsesChat = true, FewShotsAreTurns = true, Metrics = [], AnswerPrefix = _ => "It is " });

        var request = (LogLikelihoodRequest)task.CreateExample(1).Requests[0];

        request.Context.Should().Be(new EvaluationPrompt(
            [LlamaMessage.System("Numbers.\n\n"), LlamaMessage.User("Q: one\nA:"), LlamaMessage.Assistant("It is I"), LlamaMessage.User("Q: two\nA:")], "It is "));
    }

    // The expected texts follow from the harness' build_qa_turn and multiturn_to_singleturn; tests/Reference/harness_prompts.py covers whole task files.
    [Theory]
    [InlineData("It is", false, "Be brief.\n\nNumbers:Q: one\nA: It is I\n\nQ: two\nA: It is", " I")]
    [InlineData("It is ", false, "Be brief.\n\nNumbers:Q: one\nA: It is I\n\nQ: two\nA: It is ", " I")]
    [InlineData("\n", false, "Be brief.\n\nNumbers:Q: one\nA:\nI\n\nQ: two\nA:\n", " I")]
    [InlineData("It is", true, "Q: one\nA: It is I\n\nQ: two\nA:", " I")]
    [InlineData("", true, "Q: one\nA: I\n\nQ: two\nA:", "I")]
    [InlineData("It is ", true, "Q: one\nA: It is I\n\nQ: two\nA:", "I")]
    public void CreateExample_AnswerPrefix_IsDelimitedAsInTheHarness(string prefix, bool usesChat, string expected, string continuation)
    {
        var task = new DocumentTask(s_choice with { UsesChat = usesChat, Metrics = [], AnswerPrefix = _ => prefix, SystemPrompt = "Be brief.", Description = _ => "Numbers:" });

        var request = (LogLikelihoodRequest)task.CreateExample(1).Requests[0];

        request.Continuation.Should().Be(continuation);
        request.Context.Should().Be(usesChat
            ? new EvaluationPrompt([LlamaMessage.System("Be brief.\n\nNumbers:"), LlamaMessage.User(expected)], prefix)
            : new EvaluationPrompt(expected));
    }

    [Fact]
    public void CreateExample_TargetOfALogLikelihood_FollowsWithoutADelimiter()
        => new DocumentTask(s_choice with { Output = DocumentOutput.LogLikelihood, Target = _ => " seven", FewShots = null }).CreateExample(0).Requests
            .Should().Equal(new LogLikelihoodRequest("Numbers.\n\nQ: one\nA:", " seven"));

    [Fact]
    public async Task ScoreAsync_IndexBeforeTheFirstChoice_IsNeverAccurateButNamesAChoiceFromTheEnd()
    {
        var task = new DocumentTask(s_choice with { Target = _ => -1 });

        EvaluationScore score = await task.ScoreAsync(
            task.CreateExample(0), [.. new double[] { -3, -2, -1, 0, 0, 0 }.Select(value => new EvaluationResponse { LogLikelihood = value, IsGreedy = value == -1 })]);

        (score.Samples["acc,none"].Value, score.Samples["exact_match,none"].Value).Should().Be((0, 1));
    }

    [Fact]
    public async Task ScoreAsync_MultipleChoice_ComputesEachMetric()
    {
        var task = new DocumentTask(s_choice);
        EvaluationExample example = task.CreateExample(1);
        double[] likelihoods = [-2, -3, -7, -1, -4.5, -5];

        EvaluationScore score = await task.ScoreAsync(example, [.. likelihoods.Select(value => new EvaluationResponse { LogLikelihood = value, IsGreedy = value == -3 })]);

        // Likeliest: I (-2). Per character: -2, -1.5, -2.33: II. Gain over the unconditional ones: -1, 1.5, -2: II.
        score.Samples["acc,none"].Value.Should().Be(0);
        score.Samples["acc_norm,none"].Value.Should().Be(1);
        score.Samples["acc_mutual_info,none"].Value.Should().Be(1);
        score.Samples["exact_match,none"].Value.Should().Be(1);
        double total = Math.Exp(-2) + Math.Exp(-3) + Math.Exp(-7);
        double brier = Math.Pow(Math.Exp(-2) / total, 2) + Math.Pow((Math.Exp(-3) / total) - 1, 2) + Math.Pow(Math.Exp(-7) / total, 2);
        score.Samples["brier_score,none"].Value.Should().BeApproximately(brier, 1e-12);
        (score.Answer, score.IsCorrect).Should().Be(("I", false));
    }

    [Fact]
    public async Task ScoreAsync_CharactersOutsideTheBasicPlane_CountOnceAsInPython()
    {
        // U+1F999 is one character in Python and two in UTF-16: per character the likelihoods are -2 and -1.9.
        var task = new DocumentTask(s_choice with { Choices = _ => ["\ud83e\udd99", "ab"], Target = _ => 1, Metrics = [new DocumentMetric(new TaskMetric("acc_norm"), ChoiceMetrics.NormalizedAccuracy)] });

        EvaluationScore score = await task.ScoreAsync(task.CreateExample(0), [new() { LogLikelihood = -2 }, new() { LogLikelihood = -3.8 }]);

        score.Samples["acc_norm,none"].Value.Should().Be(1);
    }

    [Fact]
    public async Task ScoreAsync_EqualLikelihoods_TakesTheFirstAsNumPyDoes()
    {
        var task = new DocumentTask(s_choice);

        EvaluationScore score = await task.ScoreAsync(task.CreateExample(0), [.. Enumerable.Repeat(new EvaluationResponse { LogLikelihood = -1 }, 6)]);

        score.IsCorrect.Should().BeTrue();
    }

    [Fact]
    public async Task ScoreAsync_ChoicesThatAreContexts_ComparesTheContexts()
    {
        var task = new DocumentTask(s_choice with
        {
            ChoicesAreContexts = true,
            Metrics = [],
            Text = document => document.GetProperty("a").GetInt32(),
            Target = _ => "is a number",
            FewShots = null,
            Description = _ => "",
        });
        EvaluationExample example = task.CreateExample(2);

        EvaluationScore score = await task.ScoreAsync(example, [new() { LogLikelihood = -3 }, new() { LogLikelihood = -2 }, new() { LogLikelihood = -1 }]);

        example.Requests.Should().Equal(new LogLikelihoodRequest("I", " is a number"), new LogLikelihoodRequest("II", " is a number"), new LogLikelihoodRequest("III", " is a number"));
        (score.IsCorrect, example.Target).Should().Be((true, "III"));
    }

    [Fact]
    public async Task ScoreAsync_Generation_ScoresTheAnswersOfEachFilter()
    {
        var task = new DocumentTask(s_choice with
        {
            Output = DocumentOutput.Generation,
            Choices = null,
            Target = _ => "7",
            RepeatCount = 3,
            Generation = new GenerationRequest("") { StopSequences = ["\n"], MaxTokens = 5 },
            Filters = [FilterPipeline.TakeFirst, new FilterPipeline("two", [new TakeFirstFilter(2)])],
            Metrics =
            [
                new DocumentMetric(new TaskMetric("exact_match"), outcome => new MetricSample(outcome.Answers.Contains("7") ? 1 : 0)),
                new DocumentMetric(new TaskMetric("exact_match", "two"), outcome => new MetricSample(outcome.Answers.Contains("7") ? 1 : 0)),
            ],
        });
        EvaluationExample example = task.CreateExample(1);

        EvaluationScore score = await task.ScoreAsync(example, [new() { Text = "8" }, new() { Text = "7" }, new() { Text = "9" }]);

        example.Requests.Cast<GenerationRequest>().Select(request => (request.Repeat, request.MaxTokens, request.StopSequences[0])).Should().Equal((0, 5, "\n"), (1, 5, "\n"), (2, 5, "\n"));
        score.Samples["exact_match,none"].Value.Should().Be(0);
        score.Samples["exact_match,two"].Value.Should().Be(1);
        (score.Answer, score.IsCorrect).Should().Be(("8", false));
    }
}
