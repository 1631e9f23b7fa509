using Llama2.Evaluation.Tests.Benchmarks;

namespace Llama2.Evaluation.Tests.Running;

public class RecordedBackendTests
{
    private static readonly IEvaluationTask s_task = BuiltInTasks.Create(
        "mmlu_anatomy_continuation",
        (_, _, _) => Documents.Parse(
            """{"question": "?", "choices": ["same", "same", "b", "c"], "answer": 1}""",
            """{"question": "?", "choices": ["same", "same", "b", "c"], "answer": 1}"""),
        new BuiltInTaskOptions { FewShotCount = 0 }).Tasks[0];

    [Fact]
    public async Task AnswerAsync_EqualRequestsAtOtherPositions_HaveTheirOwnResponses()
    {
        var backend = new RecordedBackend("recorded", [new RecordedResponses(s_task, [Responses(-2, -1, -3, -3), Responses(-1, -2, -3, -3)])]);

        EvaluationReport report = await EvaluationRunner.RunAsync(backend, backend.Tasks);

        report.Tasks[0].Examples.Select(example => example.Score.IsCorrect).Should().Equal(true, false);
    }

    [Fact]
    public async Task AnswerAsync_RequestOfAnotherTask_IsRefused()
    {
        var backend = new RecordedBackend("recorded", [new RecordedResponses(s_task, [Responses(-2, -1, -3, -3), Responses(-1, -2, -3, -3)])]);
        EvaluationRequest request = s_task.CreateExample(0).Requests[0];

        Func<Task> answer = () => backend.AnswerAsync(request);

        await answer.Should().ThrowAsync<NotSupportedException>().WithMessage("*Tasks*");
    }

    [Fact]
    public void Constructor_OtherNumberOfExamples_NamesBoth()
    {
        Action create = () => _ = new RecordedBackend("recorded", [new RecordedResponses(s_task, [Responses(-2, -1, -3, -3)])]);
        create.Should().Throw<EvaluationDataException>().WithMessage("*1 examples*it has 2*");
    }

    [Fact]
    public void CreateExample_OtherNumberOfRequests_NamesTheExample()
    {
        var backend = new RecordedBackend("recorded", [new RecordedResponses(s_task, [Responses(-2, -1, -3, -3), Responses(-1, -2, -3)])]);
        Action create = () => backend.Tasks[0].CreateExample(1);
        create.Should().Throw<EvaluationDataException>().WithMessage("The example 1 *makes 4 requests, but 3 *");
    }

    [Fact]
    public void Fingerprint_OtherResponses_Differs()
    {
        var first = new RecordedBackend("recorded", [new RecordedResponses(s_task, [Responses(-2, -1, -3, -3), Responses(-1, -2, -3, -3)])]);
        var second = new RecordedBackend("recorded", [new RecordedResponses(s_task, [Responses(-2, -1, -3, -3), Responses(-1, -2, -3, -4)])]);
        first.Fingerprint.Should().NotBe(second.Fingerprint);
    }

    [Fact]
    public async Task RunAsync_WithAJournal_IsRefused()
    {
        var backend = new RecordedBackend("recorded", [new RecordedResponses(s_task, [Responses(-2, -1, -3, -3), Responses(-1, -2, -3, -3)])]);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        Func<Task> run = () => EvaluationRunner.RunAsync(backend, backend.Tasks, new EvaluationRunOptions { JournalPath = path });

        await run.Should().ThrowAsync<ArgumentException>().WithMessage("*journal*");
        File.Exists(path).Should().BeFalse();
    }

    private static EvaluationResponse[] Responses(params double[] values) => [.. values.Select(value => new EvaluationResponse { LogLikelihood = value })];
}
