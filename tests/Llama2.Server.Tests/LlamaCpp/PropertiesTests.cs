using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.LlamaCpp;

public sealed class PropertiesTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    [Fact]
    public async Task Get_Properties_AreThoseOfTheModelAndTheServer()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);

        JsonElement properties = await storyteller.Server.GetAsync("/props");

        properties.GetProperty("model_path").GetString().Should().Be(System.IO.Path.GetFileName(DemonstrationModel.Path));
        properties.GetProperty("model_alias").GetString().Should().Be(Storyteller.Name);
        properties.GetProperty("chat_template").GetString().Should().Be(model.ChatTemplate ?? "");
        (properties.GetProperty("bos_token").GetString(), properties.GetProperty("eos_token").GetString()).Should().Be(("<s>", "</s>"));
        properties.GetProperty("modalities").GetRawText().Should().Be("""{"vision":false,"audio":false}""");
        properties.GetProperty("total_slots").GetInt32().Should().BePositive();
        properties.GetProperty("build_info").GetString().Should().MatchRegex("^llama2 [0-9]");
        JsonElement settings = properties.GetProperty("default_generation_settings");
        settings.GetProperty("n_ctx").GetInt32().Should().Be(model.ContextLength);
        settings.GetProperty("params").GetRawText().Should().Be(
            """{"seed":-1,"temperature":0.8,"dynatemp_range":0,"dynatemp_exponent":1,"top_k":40,"top_p":0.95,"min_p":0.05,"typical_p":1,"xtc_probability":0,"xtc_threshold":0.1,"repeat_penalty":1,"repeat_last_n":64,"presence_penalty":0,"frequency_penalty":0,"dry_multiplier":0,"dry_base":1.75,"dry_allowed_length":2,"dry_penalty_last_n":-1,"dry_sequence_breakers":["\n",":","\"","*"],"mirostat":0,"mirostat_tau":0,"mirostat_eta":0.1,"stop":[],"n_predict":-1,"ignore_eos":false}""");
    }

    [Fact]
    public async Task Get_OptionsOfTheServer_AreReported()
    {
        await using LocalServer server = await LocalServer.StartAsync(
            services => services.AddLlama(DemonstrationModel.Path),
            new LlamaServerOptions { Generation = new GenerationOptions { Temperature = 0.25f, MaxTokens = 7, Seed = 5, StopSequences = ["x"], MirostatTau = 3 } });

        JsonElement settings = (await server.GetAsync("/props")).GetProperty("default_generation_settings").GetProperty("params");

        (settings.GetProperty("temperature").GetSingle(), settings.GetProperty("n_predict").GetInt32(), settings.GetProperty("seed").GetInt64(), settings.GetProperty("stop").GetRawText(), settings.GetProperty("mirostat").GetInt32())
            .Should().Be((0.25f, 7, 5L, "[\"x\"]", 2));
    }

    [Fact]
    public async Task Get_ModelOfSeveral_IsChosenByName()
    {
        var tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddKeyedSingleton<ILlamaModel>("reader", new UnitTesting.ScriptedModel(tokenizer, "I read."));
            services.AddKeyedSingleton<ILlamaModel>("writer", new UnitTesting.ScriptedModel(tokenizer, "I write."));
            services.AddLlama("reader", "one.gguf");
            services.AddLlama("writer", "two.gguf");
        });

        (await server.GetAsync("/props?model=two")).GetProperty("model_alias").GetString().Should().Be("writer");
        (await server.RefuseAsync(HttpMethod.Get, "/props")).Code.Should().Be("missing_required_parameter");
        (await server.RefuseAsync(HttpMethod.Get, "/props?model=x")).Code.Should().Be("model_not_found");
        (await server.RefuseAsync(HttpMethod.Get, "/props?model=one&model=two")).Should().BeEquivalentTo(new { Param = "model", Code = "invalid_value" });
    }
}
