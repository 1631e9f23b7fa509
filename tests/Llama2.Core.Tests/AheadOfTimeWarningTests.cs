using System.Diagnostics;

namespace Llama2.Tests;

/// <summary>The package's MSBuild targets warn if the published program would be slow.</summary>
public sealed class AheadOfTimeWarningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, "<PublishAot>true</PublishAot><RuntimeIdentifier>linux-x64</RuntimeIdentifier>")]
    [InlineData(true, "<PublishAot>true</PublishAot><RuntimeIdentifier>linux-musl-x64</RuntimeIdentifier>")]
    [InlineData(false, "<PublishAot>true</PublishAot><RuntimeIdentifier>linux-x64</RuntimeIdentifier><IlcInstructionSet>x86-64-v3</IlcInstructionSet>")]
    [InlineData(false, "<PublishAot>true</PublishAot><RuntimeIdentifier>osx-arm64</RuntimeIdentifier>")]
    [InlineData(false, "<PublishAot>false</PublishAot><RuntimeIdentifier>linux-x64</RuntimeIdentifier>")]
    [InlineData(false, "<RuntimeIdentifier>linux-x64</RuntimeIdentifier>")]
    public async Task Publish_AheadOfTimeWithoutInstructionSet_WarnsAndNamesTheLine(bool expected, string properties)
    {
        string output = await PublishAsync($"<PropertyGroup>{properties}</PropertyGroup>");

        output.Contains("LLAMA2001", StringComparison.Ordinal).Should().Be(expected, output);
        output.Contains("<IlcInstructionSet>x86-64-v3</IlcInstructionSet>", StringComparison.Ordinal).Should().Be(expected);
    }

    [Fact]
    public async Task Publish_InstructionSetAsAnArgument_DoesNotWarn()
        => (await PublishAsync(
            """
            <PropertyGroup><PublishAot>true</PublishAot><RuntimeIdentifier>linux-x64</RuntimeIdentifier></PropertyGroup>
            <ItemGroup><IlcArg Include="--instruction-set:native" /></ItemGroup>
            """)).Should().NotContain("LLAMA2001");

    // A project without an SDK is evaluated in a second and does not need the package of the AOT compiler.
    private async Task<string> PublishAsync(string content)
    {
        string project = _folder.File("program.proj"), targets = RepositoryFiles.Committed("src", "Llama2.Core", "buildTransitive", "Llama2.Core.targets");
        await File.WriteAllTextAsync(
            project,
            $"""
            <Project>
              {content}
              <Import Project="{targets}" />
              <Target Name="PrepareForPublish"><Message Importance="high" Text="published" /></Target>
            </Project>
            """);
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-t:PrepareForPublish", "-nologo", "-nodeReuse:false", "-tl:off"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _folder.Path,
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, output);
        output.Should().Contain("published");
        return output;
    }
}
