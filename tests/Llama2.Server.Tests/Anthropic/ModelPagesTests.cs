using System.Net;
using System.Text.Json;
using Llama2.Server.Models;
using Llama2.Server.Tests.Models;

namespace Llama2.Server.Tests.Anthropic;

public sealed class ModelPagesTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    [Fact]
    public async Task Get_ModelsWithAnthropicsHeader_HasAnthropicsForm()
    {
        using HttpResponseMessage response = await GetAsync(storyteller.Server, "/v1/models");

        JsonElement list = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        JsonElement model = list.GetProperty("data").EnumerateArray().Should().ContainSingle().Subject;
        (model.GetProperty("type").GetString(), model.GetProperty("id").GetString(), model.GetProperty("display_name").GetString())
            .Should().Be(("model", Storyteller.Name, Storyteller.Name));
        model.GetProperty("created_at").GetDateTimeOffset().Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        (list.GetProperty("has_more").GetBoolean(), list.GetProperty("first_id").GetString(), list.GetProperty("last_id").GetString())
            .Should().Be((false, Storyteller.Name, Storyteller.Name));
        response.Headers.GetValues("request-id").Single().Should().StartWith("req_");
    }

    [Fact]
    public async Task Get_ModelsOfAServerWithoutModels_IsAnEmptyPage()
    {
        await using LocalServer server = await LocalServer.StartAsync(_ => { }, catalog: new StubCatalog(ModelReadiness.Ready));

        using HttpResponseMessage response = await GetAsync(server, "/v1/models");

        (await response.Content.ReadAsStringAsync()).Should().Be("""{"data":[],"first_id":null,"last_id":null,"has_more":false}""");
    }

    [Fact]
    public async Task Get_ModelByIdWithAnthropicsHeader_HasAnthropicsForm()
    {
        using HttpResponseMessage response = await GetAsync(storyteller.Server, $"/v1/models/{Storyteller.Name}");

        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("display_name").GetString().Should().Be(Storyteller.Name);
    }

    [Fact]
    public async Task Get_UnknownModelWithAnthropicsHeader_IsAnErrorInAnthropicsForm()
    {
        using HttpResponseMessage response = await GetAsync(storyteller.Server, "/v1/models/claude");

        (await MessageRefusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.NotFound, Type = "not_found_error" });
    }

    [Fact]
    public async Task Get_UnknownAddressBelowMessages_IsAnErrorInAnthropicsForm()
    {
        using HttpResponseMessage response = await storyteller.Server.PostAsync("/v1/messages/batches", "{}");

        (await MessageRefusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.NotFound, Type = "not_found_error" });
    }

    private static async Task<HttpResponseMessage> GetAsync(LocalServer server, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("anthropic-version", "2023-06-01");
        return await server.Client.SendAsync(request);
    }
}
