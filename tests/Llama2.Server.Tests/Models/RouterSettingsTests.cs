using System.Text.Json;
using System.Text.Json.Nodes;
using Llama2.Extensions;
using Llama2.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Llama2.Server.Tests.Models;

/// <summary>The settings of a router that docs/hosting.md shows.</summary>
public sealed class RouterSettingsTests
{
    [Fact]
    public async Task AddLlamaRouter_DocumentedSettings_AreItsOptions()
    {
        JsonNode settings = JsonNode.Parse(DocumentedSettings())!;
        // The files of the document do not exist here, so their models have the demonstration model's.
        foreach ((string _, JsonNode? model) in settings["Router"]!["Models"]!.AsObject())
            model!["ModelPath"] = DemonstrationModel.Path;
        using var stream = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(settings));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddJsonStream(stream);
        builder.Services.AddLlamaRouter(builder.Configuration.GetSection("Router"));
        await using WebApplication app = builder.Build();

        LlamaRouterOptions options = app.Services.GetRequiredService<IOptions<LlamaRouterOptions>>().Value;

        options.Models.Keys.Should().BeEquivalentTo("chat", "story");
        options.Models["story"].ModelPath.Should().Be(DemonstrationModel.Path);
        options.Models["chat"].ContextLength.Should().Be(512);
        options.Aliases.Should().ContainSingle().Which.Should().Be(new KeyValuePair<string, string>("gpt-4o", "chat"));
        options.DefaultModel.Should().Be("chat");
        options.LoadOnStart.Should().Equal("chat");
        options.MemoryByteSize.Should().Be(8L << 30);
        options.IdleTime.Should().Be(TimeSpan.FromMinutes(10));
    }

    private static string DocumentedSettings()
    {
        string document = File.ReadAllText(RepositoryFiles.Committed("docs", "hosting.md"));
        int start = document.IndexOf("{\n  \"Router\"", StringComparison.Ordinal);
        return document[start..document.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
