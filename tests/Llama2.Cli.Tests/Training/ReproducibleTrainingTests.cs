using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Llama2.Cli.Tests.Training;

/// <summary>
/// Trains in separate processes that use other numbers of threads and other instructions of the processor, or that are killed and resumed. The results
/// must be equal, byte for byte.
/// </summary>
public sealed class ReproducibleTrainingTests : IDisposable
{
    // LLAMA2_KILL_COUNT=20 runs a longer test.
    private static readonly int s_killCount = int.Parse(Environment.GetEnvironmentVariable("LLAMA2_KILL_COUNT") ?? "4", CultureInfo.InvariantCulture);
    private static readonly (string, string?)[] s_noAvx512 = [("DOTNET_EnableAVX512", "0")], s_noAvx2 = [("DOTNET_EnableAVX2", "0")], s_noIntrinsics = [("DOTNET_EnableHWIntrinsic", "0")];
    private readonly ITestOutputHelper _output;
    private readonly TemporaryFolder _folder = new();
    private readonly string _conversations, _preferences;

    public ReproducibleTrainingTests(ITestOutputHelper output)
    {
        _output = output;
        string[] sounds = ["moo", "woof", "meow", "quack", "roar", "baa"];
        _conversations = _folder.File("conversations.jsonl");
        File.WriteAllLines(_conversations, sounds.Select(sound => $$"""{"messages":[{"role":"user","content":"Who says {{sound}}?"},{"role":"assistant","content":"I say {{sound}}."}]}"""));
        _preferences = _folder.File("preferences.jsonl");
        File.WriteAllLines(_preferences, sounds.Select(sound => $$"""{"prompt":"Who says {{sound}}?","chosen":"I say {{sound}}.","rejected":"Nobody."}"""));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_AdaptersWithNoise_AreTheSameBytesOnEveryTierAndNumberOfThreads()
    {
        string[] arguments = [_conversations, "--dropout", "0.1", "--neftune-alpha", "5", "--8-bit-optimizer", "--clip", "0.5"];
        byte[] expected = await TrainAsync(arguments, threadCount: 2);

        (await TrainAsync(arguments, threadCount: 1)).Should().Equal(expected);
        (await TrainAsync(arguments, threadCount: 3)).Should().Equal(expected);
        (await TrainAsync(arguments, threadCount: 2, s_noAvx512)).Should().Equal(expected);
        (await TrainAsync(arguments, threadCount: 1, s_noAvx2)).Should().Equal(expected);
        (await TrainAsync([.. arguments, "--seed", "1"], threadCount: 2)).Should().NotEqual(expected, "another seed has another result");
    }

    // Without any of the processor's vector instructions, a pass takes some hundred times as long: the run is one step of a few tokens.
    [Fact]
    public async Task Train_WithoutVectorInstructions_IsTheSameBytes()
    {
        string[] arguments = [_conversations, "--dropout", "0.1", "--targets", "q_proj,v_proj,gate_proj"];
        byte[] expected = await TrainAsync(arguments, threadCount: 2, batchTokenCount: 24, stepCount: 1);

        (await TrainAsync(arguments, threadCount: 3, batchTokenCount: 24, stepCount: 1, s_noIntrinsics)).Should().Equal(expected);
    }

    [Fact]
    public async Task Train_AdaptersOverNf4FromPreferences_AreTheSameBytesOnEveryTier()
    {
        string[] arguments = [_preferences, "--nf4", "--keep-activations", "false"];
        byte[] expected = await TrainAsync(arguments, threadCount: 2);

        (await TrainAsync(arguments, threadCount: 3, s_noAvx512)).Should().Equal(expected);
        (await TrainAsync(arguments, threadCount: 1, s_noAvx2)).Should().Equal(expected);
    }

    [Fact]
    public async Task Train_AllWeights_AreTheSameBytesOnEveryTier()
    {
        string[] arguments = [_conversations, "--full"];
        byte[] expected = await TrainAsync(arguments, threadCount: 2);

        (await TrainAsync(arguments, threadCount: 1, s_noAvx512)).Should().Equal(expected);
        (await TrainAsync(arguments, threadCount: 3, s_noAvx2)).Should().Equal(expected);
    }

    [Fact]
    public async Task Environment_Variables_HideTiers()
    {
        // If .NET renamed these variables, the other tests would test nothing.
        string[] all = await TiersAsync();
        (await TiersAsync(s_noAvx512)).Should().NotContain("Avx512");
        (await TiersAsync(s_noAvx2)).Should().NotContain(["Avx2", "Avx512"]);
        (await TiersAsync(s_noIntrinsics)).Should().Equal("Portable");
        all.Should().Contain("Portable");
    }

    [Fact]
    public async Task Train_KilledAtRandomMoments_ResumesToTheSameAdapter()
    {
        string adapter = _folder.File("adapter.gguf"), checkpoint = _folder.File("state.bin");
        string[] arguments = ["train", TestModels.Demonstration, _conversations, "--no-card", "--epochs", "60", "--batch-tokens", "64", "--dropout", "0.1", "--checkpoint-every", "1", "--threads", "2"];
        string whole = _folder.File("whole.gguf");
        await CompleteAsync(CommandProcess.StartCommand([.. arguments, "-o", whole, "--checkpoint", _folder.File("whole.bin")]));
        byte[] expected = await File.ReadAllBytesAsync(whole);
        var random = new Random(1);
        int resumed = 0, ended = 0;
        for (int kill = 0; kill < s_killCount; kill++)
        {
            resumed += File.Exists(checkpoint) ? 1 : 0;
            using Process process = Start();
            DateTime last = File.GetLastWriteTimeUtc(checkpoint);
            // The moment is one after the first new checkpoint, or before it in a quarter of the runs.
            while (!process.HasExited && kill % 4 != 3 && File.GetLastWriteTimeUtc(checkpoint) == last)
            {
                await Task.Delay(1);
            }

            await Task.Delay(random.Next(kill % 4 == 3 ? 1000 : 150));
            process.Kill();
            await process.WaitForExitAsync();
            if (process.ExitCode == 0)
            {
                (await File.ReadAllBytesAsync(adapter)).Should().Equal(expected);
                File.Delete(adapter);
                File.Delete(checkpoint);
                ended++;
            }
        }

        await CompleteAsync(Start());

        (await File.ReadAllBytesAsync(adapter)).Should().Equal(expected);
        resumed.Should().BeGreaterThan(0);
        _output.WriteLine($"{s_killCount} kills, {resumed} runs resumed, {ended} ended before they were killed");

        Process Start() => CommandProcess.StartCommand([.. arguments, "-o", adapter, "--checkpoint", checkpoint, .. File.Exists(checkpoint) ? (string[])["--resume"] : []]);
    }

    private Task<byte[]> TrainAsync(string[] arguments, int threadCount, params (string, string?)[] environment)
        => TrainAsync(arguments, threadCount, batchTokenCount: 96, stepCount: 2, environment);

    private async Task<byte[]> TrainAsync(string[] arguments, int threadCount, int batchTokenCount, int stepCount, params (string, string?)[] environment)
    {
        string path = _folder.File("trained.gguf");
        await CompleteAsync(CommandProcess.Start(
            "llama2.dll",
            [
                "train", TestModels.Demonstration, .. arguments, "-o", path, "--force", "--no-card", "--learning-rate", "0.01",
                "--steps", $"{stepCount}", "--batch-tokens", $"{batchTokenCount}", "--threads", $"{threadCount}",
            ],
            environment));
        return await File.ReadAllBytesAsync(path);
    }

    private static async Task<string[]> TiersAsync(params (string, string?)[] environment)
    {
        string report = await CompleteAsync(CommandProcess.Start("llama2.dll", ["inspect", "--hardware"], environment));
        return report.Split('\n').Single(line => line.StartsWith("Supported", StringComparison.Ordinal))["Supported".Length..].Trim().Split(", ");
    }

    private static async Task<string> CompleteAsync(Process process)
    {
        using (process)
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            process.ExitCode.Should().Be(0, await error);
            return await output;
        }
    }
}
