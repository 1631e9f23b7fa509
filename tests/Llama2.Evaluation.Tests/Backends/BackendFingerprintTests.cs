using System.Text.Json;
using Llama2.Evaluation.Backends;

namespace Llama2.Evaluation.Tests.Backends;

public sealed class BackendFingerprintTests
{
    private static readonly LlamaMessage s_question = LlamaMessage.User("How warm is it in Lima?");
    private static readonly LlamaToolCall s_call = Call("weather", """{"city":"Lima"}""", "1");

    [Fact]
    public void KeyOf_RequestsThatDiffer_AreDifferent()
    {
        EvaluationRequest[] requests =
        [
            new RollingLogLikelihoodRequest("a"),
            new LogLikelihoodRequest("a", ""),
            new LogLikelihoodRequest("", "a"),
            new GenerationRequest("a"),
            new GenerationRequest("a") { StopSequences = ["b"] },
            new GenerationRequest("a") { Repeat = 1 },
            new GenerationRequest(new EvaluationPrompt([LlamaMessage.User("a")])),
            new GenerationRequest(new EvaluationPrompt([LlamaMessage.User("a")], "b")),
            .. Calls([]),
            .. Calls([s_call]),
            .. Calls([s_call, s_call]),
            .. Calls([s_call with { Name = "climate" }]),
            .. Calls([Call("weather", """{"city":"Cusco"}""", "1")]),
            .. Calls([s_call with { Id = null }]),
            .. Calls([s_call with { Id = "" }]),
        ];

        requests.Select(request => BackendFingerprint.KeyOf(request, "model")).Should().OnlyHaveUniqueItems();
        requests.Select(request => BackendFingerprint.KeyOf(request, "model")).Should().Equal(requests.Select(request => BackendFingerprint.KeyOf(request, "model")));
        BackendFingerprint.KeyOf(requests[0], "another model").Should().NotBe(BackendFingerprint.KeyOf(requests[0], "model"));
    }

    // The result of a call, in a message that names the tool, the call, both or neither.
    private static IEnumerable<EvaluationRequest> Calls(LlamaToolCall[] calls) =>
        from name in (string?[])[null, "weather"]
        from id in (string?[])[null, "1"]
        let result = new LlamaMessage(LlamaRole.Tool, "19 °C") { ToolName = name, ToolCallId = id }
        select new GenerationRequest(new EvaluationPrompt([s_question, LlamaMessage.Assistant("", calls), result, LlamaMessage.User("Thanks.")]));

    private static LlamaToolCall Call(string name, string arguments, string? id) => new(name, JsonElement.Parse(arguments)) { Id = id };
}
