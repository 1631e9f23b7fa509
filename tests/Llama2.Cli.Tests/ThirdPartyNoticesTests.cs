using Llama2.Tests;

namespace Llama2.Cli.Tests;

/// <summary>The licences of the libraries that are distributed within the command's package.</summary>
public class ThirdPartyNoticesTests
{
    [Fact]
    public async Task Notices_EveryLibraryOfOthersThatTheCommandLoads_IsNamed()
    {
        string notices = await File.ReadAllTextAsync(RepositoryFiles.Committed("src", "Llama2.Cli", "THIRD-PARTY-NOTICES.txt"));
        string dependencies = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "llama2.deps.json"));
        using var json = System.Text.Json.JsonDocument.Parse(dependencies);
        string[] libraries =
        [
            .. json.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject()
                .SelectMany(package => package.Value.TryGetProperty("runtime", out System.Text.Json.JsonElement files) ? files.EnumerateObject().Select(file => Path.GetFileName(file.Name)) : [])
                .Where(name => !name.StartsWith("Llama2.", StringComparison.Ordinal) && name != "llama2.dll"),
        ];

        libraries.Should().Contain("Google.Protobuf.dll").And.OnlyContain(name => notices.Contains(name, StringComparison.Ordinal));
    }
}
