using System.Text.Json;

namespace Llama2.Cli.Tests.Commands;

public class BenchCommandTests
{
    private static readonly string[] s_arguments = ["bench", TestModels.Demonstration, "--prompt", "20", "--generate", "5", "--repeat", "3", "--threads", "1"];

    [Fact]
    public async Task Bench_Json_HasEveryFigure()
    {
        CommandRun run = await CommandRun.OfAsync([.. s_arguments, "--json"]);

        run.ShouldSucceed();
        run.Error.Should().BeEmpty();
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement root = json.RootElement;
        root.GetProperty("model").GetString().Should().Be(TestModels.Demonstration);
        Number("file_bytes").Should().Be(new FileInfo(TestModels.Demonstration).Length);
        Number("threads").Should().Be(1);
        Number("prompt_tokens").Should().Be(20);
        Number("generated_tokens").Should().Be(5);
        Number("load_gigabytes_per_second").Should().BeApproximately(Number("file_bytes") / Number("load_seconds") / 1e9, 1e-9);
        foreach (string name in new[] { "prefill_tokens_per_second", "decode_tokens_per_second", "time_to_first_token_seconds" })
        {
            Repeated(name, "min").Should().BePositive();
            Repeated(name, "median").Should().BeInRange(Repeated(name, "min"), Repeated(name, "max"));
        }

        // The run with the highest prompt speed is the run with the shortest time to the first token.
        Repeated("prefill_tokens_per_second", "max").Should().BeApproximately(20 / Repeated("time_to_first_token_seconds", "min"), 1e-6);
        Number("peak_memory_bytes").Should().BeGreaterThan(Number("file_bytes"));
        Repeated("allocated_bytes_per_token", "min").Should().BeGreaterThanOrEqualTo(0);
        Number("memory_read_gigabytes_per_second").Should().BeInRange(0.1, 2000);
        // The output matrix is also the embedding table, so computing a token reads all of the file's tensors.
        Number("file_bytes_read_per_token").Should().Be(922_624 + 4_608);
        using (LlamaModel model = LlamaModel.Load(TestModels.Demonstration))
        {
            Number("memory_bytes_read_per_token").Should().Be(model.GetDecodeByteSize(22));
        }

        Number("depth_tokens").Should().Be(20);
        Number("memory_read_fraction_of_decode").Should().BeApproximately(
            Repeated("decode_tokens_per_second", "median") * Number("memory_bytes_read_per_token") / Number("memory_read_gigabytes_per_second") / 1e9, 1e-9);

        double Number(string name) => root.GetProperty(name).GetDouble();

        double Repeated(string name, string member) => root.GetProperty(name).GetProperty(member).GetDouble();
    }

    [Fact]
    public async Task Bench_SeveralPromptsAtADepth_MeasuresEachAndDecodesAtTheDepth()
    {
        CommandRun run = await CommandRun.OfAsync(
            "bench", TestModels.Demonstration, "--prompt", "20,150", "--depth", "300", "--generate", "4", "--repeat", "2", "--threads", "1", "--json");

        run.ShouldSucceed();
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement[] prompts = [.. json.RootElement.GetProperty("prompts").EnumerateArray()];
        prompts.Select(prompt => prompt.GetProperty("prompt_tokens").GetInt32()).Should().Equal(20, 150);
        foreach (JsonElement prompt in prompts)
        {
            prompt.GetProperty("depth_tokens").GetInt32().Should().Be(300);
            prompt.GetProperty("prefill_tokens_per_second").GetProperty("max").GetDouble().Should().BeApproximately(
                prompt.GetProperty("prompt_tokens").GetInt32() / prompt.GetProperty("time_to_first_token_seconds").GetProperty("min").GetDouble(), 1e-6);
            prompt.GetProperty("decode_tokens_per_second").GetRawText().Should().Be(prompts[0].GetProperty("decode_tokens_per_second").GetRawText());
        }

        prompts[0].GetProperty("prefill_tokens_per_second").GetRawText().Should().NotBe(prompts[1].GetProperty("prefill_tokens_per_second").GetRawText());
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration);
        prompts[0].GetProperty("memory_bytes_read_per_token").GetInt64().Should().Be(model.GetDecodeByteSize(302));
        json.RootElement.TryGetProperty("prompt_tokens", out _).Should().BeFalse();
        json.RootElement.GetProperty("generated_tokens").GetInt32().Should().Be(4);
    }

    [Fact]
    public async Task Bench_SeveralPrompts_DecodesAfterEach()
    {
        CommandRun run = await CommandRun.OfAsync("bench", TestModels.Demonstration, "--prompt", "8, 64", "--generate", "2", "--repeat", "1", "--threads", "1");

        run.ShouldSucceed();
        Values("prompt tokens").Should().Equal("8", "64");
        Values("depth tokens").Should().Equal("8", "64");
        Values("decode tokens per second").Should().HaveCount(2).And.OnlyHaveUniqueItems();
        Values("load seconds").Should().ContainSingle();

        string[] Values(string name) =>
            [.. run.Output.Split('\n').Where(line => line.StartsWith(name + "  ", StringComparison.Ordinal)).Select(line => line[name.Length..].TrimStart())];
    }

    [Fact]
    public async Task Bench_Table_HasTheNamesOfTheJson()
    {
        string[] arguments = ["bench", TestModels.Demonstration, "--prompt", "20", "--generate", "400", "--repeat", "1", "--sessions", "2"];
        CommandRun table = await CommandRun.OfAsync(arguments);
        CommandRun json = await CommandRun.OfAsync([.. arguments, "--json"]);

        table.ShouldSucceed();
        json.ShouldSucceed();
        string[] lines = table.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[0].Should().StartWith("model ");
        using JsonDocument document = JsonDocument.Parse(json.Output);
        lines.Skip(2).Select(line => line[..line.IndexOf("  ", StringComparison.Ordinal)].Replace(' ', '_'))
            .Should().Equal(document.RootElement.EnumerateObject().Skip(1).Select(member => member.Name));
    }

    [Theory]
    [InlineData("--prompt", "0")]
    [InlineData("--generate", "1")]
    [InlineData("--repeat", "0")]
    [InlineData("--threads", "0")]
    [InlineData("--prompt", "many")]
    [InlineData("--prompt", "20,,30")]
    [InlineData("--prompt", "20,0")]
    [InlineData("--depth", "0")]
    [InlineData("--sessions", "1")]
    [InlineData("--sessions", "257")]
    [InlineData("--cache-type", "Q9")]
    [InlineData("--cache-type", "3")]
    public async Task Bench_ValueOutOfRange_IsWrongUsage(string option, string value)
        => (await CommandRun.OfAsync("bench", TestModels.Demonstration, option, value)).ShouldFailInOneLine(2).Should().Contain(option);

    [Fact]
    public async Task Bench_CacheType_IsTaken()
        => (await CommandRun.OfAsync([.. s_arguments, "--cache-type", "Q8_0", "--json"])).ShouldSucceed();

    [Fact]
    public async Task Bench_TextThatRepeatsItself_MeasuresGuessesOfTheTextAndOfTheDraftModel()
    {
        using var folder = new TemporaryFolder();
        string text = Path.Combine(folder.Path, "text.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("One day, a cat sat. ", 10)));
        string[] arguments = ["bench", TestModels.Demonstration, "--prompt", "20", "--generate", "40", "--repeat", "2", "--text", text, "--json"];

        foreach (string[] more in (string[][])[[], ["--draft", TestModels.Demonstration]])
        {
            CommandRun run = await CommandRun.OfAsync([.. arguments, .. more]);

            run.ShouldSucceed();
            JsonElement root = JsonDocument.Parse(run.Output).RootElement;
            root.GetProperty("text_prompt_tokens").GetInt32().Should().BeInRange(40, 200);
            root.GetProperty("text_ratio_with_guesses").GetProperty("min").GetDouble().Should().BePositive();
            double computed = root.GetProperty("guessed_tokens_computed").GetProperty("max").GetDouble();
            root.GetProperty("guessed_tokens_accepted").GetProperty("max").GetDouble().Should().BeInRange(0, computed);
        }
    }

    [Fact]
    public async Task Bench_TextLongerThanTheContext_SaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        string text = Path.Combine(folder.Path, "text.txt");
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("One day, a cat sat. ", 300)));

        CommandRun run = await CommandRun.OfAsync("bench", TestModels.Demonstration, "--prompt", "20", "--generate", "4", "--repeat", "1", "--text", text);

        run.ShouldFailInOneLine(1).Should().Contain("of the text").And.Contain("1,024");
    }

    [Theory]
    [InlineData("--prompt", "1012")]
    [InlineData("--prompt", "20,1012")]
    [InlineData("--depth", "1012")]
    public async Task Bench_MoreTokensThanTheContext_SaysWhatToLower(string option, string value)
        => (await CommandRun.OfAsync("bench", TestModels.Demonstration, option, value, "--generate", "13")).ShouldFailInOneLine(1)
            .Should().Contain("1,012").And.Contain("1,024").And.Contain(option);

    [Fact]
    public async Task Bench_Sessions_MeasuresThemTogetherAloneAndBesideAPrompt()
    {
        CommandRun run = await CommandRun.OfAsync(
            "bench", TestModels.Demonstration, "--prompt", "200", "--generate", "250", "--repeat", "2", "--sessions", "3", "--threads", "1", "--json");

        run.ShouldSucceed();
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement root = json.RootElement;
        root.GetProperty("sessions").GetInt32().Should().Be(3);
        root.GetProperty("other_prompt_tokens").GetInt32().Should().Be(200);
        foreach (string name in new[] { "sessions_tokens_per_second", "one_session_tokens_per_second", "sessions_ratio_to_one", "other_prompt_tokens_per_second" })
        {
            Repeated(name, "min").Should().BePositive();
        }

        foreach (string place in new[] { "", "_beside_prompt" })
        {
            // Intervals are measured between passes, which take some time. If they were measured in a reader that is late and gets several tokens at
            // once, they could be 0.
            Repeated($"token_interval{place}_median_milliseconds", "min").Should().BeGreaterThan(0.01);
            Repeated($"token_interval{place}_p95_milliseconds", "max").Should().BeGreaterThanOrEqualTo(Repeated($"token_interval{place}_median_milliseconds", "min"));
        }

        Repeated("sessions_tokens_per_second", "median").Should().BeInRange(
            Repeated("sessions_ratio_to_one", "min") * Repeated("one_session_tokens_per_second", "min"),
            Repeated("sessions_ratio_to_one", "max") * Repeated("one_session_tokens_per_second", "max"));

        double Repeated(string name, string member) => root.GetProperty(name).GetProperty(member).GetDouble();
    }

    [Fact]
    public async Task Bench_NoSessions_HasNoFiguresOfThem()
        => (await CommandRun.OfAsync([.. s_arguments, "--json"])).Output.Should().NotContain("session").And.NotContain("interval");

    [Fact]
    public async Task Bench_NoSuchFile_FailsInOneLine()
        => (await CommandRun.OfAsync("bench", "no-such-file.gguf")).ShouldFailInOneLine(1).Should().Contain("There is no file");

    [Fact]
    public async Task Bench_LongerThanTrainedWithRopeScaling_IsMeasured()
    {
        string[] longer = ["bench", TestModels.Demonstration, "--prompt", "1100", "--generate", "2", "--repeat", "1", "--json"];

        (await CommandRun.OfAsync(longer)).ShouldFailInOneLine(1).Should().Contain("1,024");
        CommandRun run = await CommandRun.OfAsync([.. longer, "--rope-scaling", "linear:2"]);

        run.ShouldSucceed();
        JsonDocument.Parse(run.Output).RootElement.GetProperty("prompt_tokens").GetInt32().Should().Be(1100);
    }
}
