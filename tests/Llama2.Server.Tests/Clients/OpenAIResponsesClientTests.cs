#pragma warning disable OPENAI001 // The client's types for responses may still change.
using System.ClientModel;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using OpenAI;
using OpenAI.Responses;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Clients;

/// <summary>The official client of OpenAI for .NET, with the protocol of responses.</summary>
public sealed class OpenAIResponsesClientTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Fact]
    public async Task CreateResponse_Question_IsAnsweredAndStored()
    {
        ResponsesClient client = Client(storyteller.Server);
        CreateResponseOptions options = Ask(Storyteller.Name, Storyteller.Question);
        options.Temperature = 0;

        ResponseResult response = await client.CreateResponseAsync(options);
        ResponseResult stored = await client.GetResponseAsync(response.Id);

        response.GetOutputText().Should().Be(Storyteller.Answer);
        (response.Status, response.Model, response.Usage.TotalTokenCount).Should().Be((ResponseStatus.Completed, Storyteller.Name, response.Usage.InputTokenCount + response.Usage.OutputTokenCount));
        stored.GetOutputText().Should().Be(Storyteller.Answer);
        ResponseDeletionResult deleted = await client.DeleteResponseAsync(response.Id);
        deleted.Deleted.Should().BeTrue();
        (await client.Awaiting(it => it.GetResponseAsync(response.Id)).Should().ThrowAsync<ClientResultException>()).Which.Status.Should().Be(404);
    }

    [Fact]
    public async Task CreateResponseStreaming_Question_IsAnsweredInParts()
    {
        CreateResponseOptions options = Ask(Storyteller.Name, Storyteller.Question);
        options.Temperature = 0;
        options.StreamingEnabled = true;
        string text = "";
        List<StreamingResponseUpdate> updates = [];
        await foreach (StreamingResponseUpdate update in await Client(storyteller.Server).CreateResponseStreamingAsync(options))
        {
            updates.Add(update);
            text += (update as StreamingResponseOutputTextDeltaUpdate)?.Delta;
        }

        text.Should().Be(Storyteller.Answer);
        updates[0].Should().BeOfType<StreamingResponseCreatedUpdate>();
        updates[^1].Should().BeOfType<StreamingResponseCompletedUpdate>().Which.Response.GetOutputText().Should().Be(Storyteller.Answer);
        updates.Select(update => update.SequenceNumber).Should().Equal(Enumerable.Range(0, updates.Count));
    }

    [Fact]
    public async Task CreateResponse_RequiredTool_IsCalledAndItsResultRead()
    {
        var script = new ConstrainedScript(s_tokenizer, Call("get_temperature", """{"city": "Oslo"}"""), "It is cold.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        ResponsesClient client = Client(server);
        CreateResponseOptions options = Ask("script", "Is it cold in Oslo?");
        options.Tools.Add(ResponseTool.CreateFunctionTool(
            "get_temperature", BinaryData.FromString("""{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}"""), strictModeEnabled: true, "The temperature"));
        options.ToolChoice = ResponseToolChoice.CreateRequiredChoice();

        ResponseResult asking = await client.CreateResponseAsync(options);
        FunctionCallResponseItem call = asking.OutputItems.Should().ContainSingle().Subject.Should().BeOfType<FunctionCallResponseItem>().Subject;
        CreateResponseOptions next = new() { Model = "script", PreviousResponseId = asking.Id };
        next.InputItems.Add(ResponseItem.CreateFunctionCallOutputItem(call.CallId, "4 degrees"));
        ResponseResult answer = await client.CreateResponseAsync(next);

        (call.FunctionName, call.FunctionArguments.ToString()).Should().Be(("get_temperature", """{"city": "Oslo"}"""));
        answer.GetOutputText().Should().Be("It is cold.");
        script.Prompts[1].Should().Contain("4 degrees");
        List<ResponseItem> items = [];
        await foreach (ResponseItem item in client.GetResponseInputItemsAsync(answer.Id))
            items.Add(item);
        items.Should().HaveCount(3);
        items[0].Should().BeOfType<FunctionCallOutputResponseItem>();
        items[1].Should().BeOfType<FunctionCallResponseItem>();
        items[2].Should().BeAssignableTo<MessageResponseItem>().Which.Content.Single().Text.Should().Be("Is it cold in Oslo?");
    }

    [Fact]
    public async Task CreateResponse_LimitOfTokens_IsIncomplete()
    {
        CreateResponseOptions options = Ask(Storyteller.Name, Storyteller.Question);
        options.MaxOutputTokenCount = 2;

        ResponseResult response = await Client(storyteller.Server).CreateResponseAsync(options);

        response.Status.Should().Be(ResponseStatus.Incomplete);
        response.IncompleteStatusDetails.Reason.Should().Be(ResponseIncompleteStatusReason.MaxOutputTokens);
    }

    [Fact]
    public async Task CreateResponse_UnknownModel_IsAnErrorWithTheCode()
    {
        Func<Task> asking = () => Client(storyteller.Server).CreateResponseAsync(Ask("gpt-5", "a"));

        (await asking.Should().ThrowAsync<ClientResultException>()).WithMessage("*model_not_found*").Which.Status.Should().Be(404);
    }

    private static CreateResponseOptions Ask(string model, string question) => new() { Model = model, InputItems = { ResponseItem.CreateUserMessageItem(question) } };

    private static ResponsesClient Client(LocalServer server) =>
        new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Client.BaseAddress!, "v1") }).GetResponsesClient();
}
