using Llama2.Tests.Architecture;

namespace Llama2.Tests;

/// <summary>Checks that the source text of the projects conforms to the layers of docs/architecture.md.</summary>
public class ArchitectureTests
{
    private static readonly Dictionary<string, Project> s_projects = new[] { Project.Core, Project.Extensions, Project.Server, Project.Training, Project.Evaluation, Project.Guard, Project.Evaluators, Project.Cli }.ToDictionary(project => project.Name);

    public static TheoryData<string> Projects => new(s_projects.Keys);

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_KeepsItsLayers(string name) => s_projects[name].Read().FindFaults().Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_EntersTheRoomsOfCoreThatItLists(string name) => s_projects[name].Read().FindUnenteredRooms().Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_KeepsTheHouseRules(string name) => s_projects[name].Read().Files.SelectMany(file => HouseRules.FindFaults(s_projects[name], file)).Should().BeEmpty();

    [Fact]
    public void FindFaults_CommandUsedByAnOption_IsFound()
    {
        SourceFile bad = new("Options/Bad.cs", "using Llama2.Cli.Commands;\nnamespace Llama2.Cli.Options;\ninternal sealed class Bad;");

        new SourceTree(Project.Cli, [bad]).FindFaults().Should().ContainSingle().Which.Should().Contain("uses Commands");
    }

    [Theory]
    [InlineData("Kernels/Bad.cs", "using Llama2.Tensors;\nnamespace Llama2.Kernels;", "uses Tensors")]
    [InlineData("Kernels/Bad.cs", "namespace Llama2.Kernels;\nclass Bad { Llama2.Model.Batch b; }", "uses Model")]
    [InlineData("Kernels/Bad.cs", "namespace Llama2.Kernels;\nclass Bad { Model.Batch b; }", "uses Model")]
    [InlineData("Sampling/Bad.cs", "using Llama2.Tokenization;\nnamespace Llama2.Sampling;", "uses Tokenization")]
    [InlineData("Memory/Bad.cs", "using Llama2.Threading;\nnamespace Llama2.Memory;", "uses Threading")]
    [InlineData("Model/Bad.cs", "using static Llama2.Generation.Scheduler;\nnamespace Llama2.Model;", "uses Generation")]
    [InlineData("Model/Bad.cs", "using G = Llama2.Generation;\nnamespace Llama2.Model;", "uses Generation")]
    [InlineData("Model/Bad.cs", "namespace Llama2.Model;\nclass Bad { Face f; }", "uses Face of Generation")]
    [InlineData("Generation/Bad.cs", "namespace Llama2.Generation;\nclass Bad { Top f; }", "uses Top of the root")]
    [InlineData("Bad.cs", "using Llama2.Chat;\nnamespace Llama2;\npublic class Bad;", "uses Chat")]
    [InlineData("Kernels/Bad.cs", "namespace Llama2.Tensors;\nclass Bad;", "namespace")]
    [InlineData("Kernels/Bad.cs", "namespace Llama2;\nclass Bad;", "namespace")]
    [InlineData("Kernels/Bad.cs", "namespace Llama2.Kernels;\npublic class Bad;", "namespace")]
    [InlineData("Templating/Values/Bad.cs", "using Llama2.Templating.Syntax;\nnamespace Llama2.Templating.Values;", "Templating/Values (2) uses Templating/Syntax (6)")]
    [InlineData("Templating/Values/Bad.cs", "namespace Llama2.Templating.Values;\nclass Bad { Syntax.Token t; }", "Templating/Values (2) uses Templating/Syntax (6)")]
    [InlineData("Templating/Values/Bad.cs", "namespace Llama2.Templating.Values;\nclass Bad { Works w; }", "uses Works of Templating (4)")]
    [InlineData("Templating/Values/Bad.cs", "using Llama2.Templating;\nnamespace Llama2.Templating.Values;", "uses Templating (4)")]
    [InlineData("Templating/Filtering/Bad.cs", "using Llama2.Templating.Globals;\nnamespace Llama2.Templating.Filtering;", "uses Templating/Globals (5)")]
    [InlineData("Tokenization/Bad.cs", "using Llama2.Templating.Limits;\nnamespace Llama2.Tokenization;", "Tokenization (4) uses Templating/Limits (0)")]
    [InlineData("Templating/Attic/Bad.cs", "namespace Llama2.Templating.Attic;\nclass Bad;", "no floor")]
    [InlineData("Attic/Bad.cs", "namespace Llama2.Attic;\nclass Bad;", "no floor")]
    public void FindFaults_UpwardUse_IsFound(string path, string text, string fault)
    {
        SourceFile face = new("Generation/Face.cs", "namespace Llama2;\npublic sealed class Face;");
        SourceFile top = new("Top.cs", "namespace Llama2;\npublic sealed class Top { Face? face; }");
        SourceFile works = new("Templating/Works.cs", "namespace Llama2.Templating;\ninternal sealed class Works;");

        new SourceTree(Project.Core, [face, top, works, new(path, text)]).FindFaults().Should().ContainSingle().Which.Should().Contain(fault).And.StartWith(path);
    }

    [Theory]
    [InlineData("Kernels/Good.cs", "using Llama2.Quantization;\nnamespace Llama2.Kernels;")]
    [InlineData("Kernels/Good.cs", "namespace Llama2.Kernels;\n/// <summary>See <see cref=\"Llama2.Model.Batch\"/>.</summary>\nclass Good;")]
    [InlineData("Kernels/Good.cs", "namespace Llama2.Kernels;\nclass Good { string s = \"Model.Batch\"; int Model => x.Model.Count; }")]
    [InlineData("Formats/Gguf/Good.cs", "using Llama2.Formats;\nnamespace Llama2.Formats.Gguf;")]
    [InlineData("Model/Good.cs", "using Llama2.Formats;\nnamespace Llama2.Model;\nclass Good { string s = nameof(Face); PlainException e; }")]
    [InlineData("Templating/Good.cs", "using Llama2.Templating.Rendering;\nnamespace Llama2.Templating;")]
    [InlineData("Templating/Syntax/Good.cs", "using Llama2.Templating.Values;\nusing Llama2.Formats;\nnamespace Llama2.Templating.Syntax;\nclass Good { Values.Number n; }")]
    [InlineData("Chat/Good.cs", "using Llama2.Templating.Rendering;\nnamespace Llama2.Chat;")]
    [InlineData("Model/GoodOptions.cs", "namespace Llama2;\npublic class GoodOptions { Face f; }")]
    [InlineData("Good.cs", "using Llama2.Generation;\nnamespace Llama2;\npublic class Good { Face f; }")]
    public void FindFaults_DownwardUse_IsAllowed(string path, string text)
    {
        SourceFile face = new("Generation/Face.cs", "using Llama2.Generation;\nnamespace Llama2;\npublic sealed class Face;");
        SourceFile exception = new("Chat/PlainException.cs", "namespace Llama2;\npublic sealed class PlainException;");

        new SourceTree(Project.Core, [face, exception, new(path, text)]).FindFaults().Should().BeEmpty();
    }

    [Theory]
    [InlineData("Operations/Bad.cs", "using Llama2.Store;\nnamespace Llama2.Training.Operations;", "enters Core's room Store")]
    [InlineData("Operations/Bad.cs", "namespace Llama2.Training.Operations;\nclass Bad { Store.Hub h; }", "enters Core's room Store")]
    [InlineData("Operations/Bad.cs", "using Llama2.Training.Model;\nnamespace Llama2.Training.Operations;", "uses Model")]
    [InlineData("Operations/Bad.cs", "namespace Llama2.Training.Operations;\nclass Bad { Model.Batch b; }", "uses Model")]
    [InlineData("Operations/Bad.cs", "namespace Llama2.Training.Operations;\nclass Bad { Training.Model.Batch b; }", "uses Model")]
    public void FindFaults_TrainingEntersAnotherRoom_IsFound(string path, string text, string fault)
    {
        Project project = Project.Training with { CoreRooms = [] };

        new SourceTree(project, [new(path, text)]).FindFaults().Should().ContainSingle().Which.Should().Contain(fault).And.StartWith(path);
    }

    [Fact]
    public void FindUnenteredRooms_RoomThatOnlyTheProjectItselfHas_IsFound()
    {
        Project project = Project.Training with { CoreRooms = ["Model"] };
        SourceFile entering = new("Operations/Good.cs", "using Llama2.Model;\nnamespace Llama2.Training.Operations;");
        SourceFile own = new("Export/Good.cs", "namespace Llama2.Training.Export;\nclass Good { Model.Batch b; }");

        new SourceTree(project, [entering]).FindUnenteredRooms().Should().BeEmpty();
        new SourceTree(project, [own]).FindUnenteredRooms().Should().Equal("Model");
    }

    [Fact]
    public void FindFaults_TooManyFilesInNoRoom_IsFound()
    {
        SourceFile[] files = [.. Enumerable.Range(0, 16).Select(i => new SourceFile($"T{i}.cs", $"namespace Llama2;\npublic sealed class T{i};"))];

        new SourceTree(Project.Core, files[..15]).FindFaults().Should().BeEmpty();
        new SourceTree(Project.Core, files).FindFaults().Should().ContainSingle().Which.Should().Contain("16 files");
    }

    [Theory]
    [InlineData("Model/Bad.cs", "using Microsoft.Extensions.Logging;\nclass Bad;", "Microsoft.Extensions")]
    [InlineData("Model/Bad.cs", "class Bad { unsafe void M() { } }", "unsafe")]
    [InlineData("Kernels/Bad.cs", "class Bad { unsafe void M() { } }", "unsafe")]
    [InlineData("Model/Bad.cs", "class Bad { int M(ref int x) => Unsafe.Add(ref x, 1); }", "Unsafe")]
    [InlineData("Sampling/Bad.cs", "class Bad { void M() => MemoryMarshal.GetReference(x); }", "MemoryMarshal")]
    [InlineData("Bad.cs", "using System.Runtime.Intrinsics;\nclass Bad;", "Intrinsics")]
    [InlineData("Memory/Bad.cs", "internal static partial class Bad { [LibraryImport(\"libc\")] private static partial int Trim(nuint padding); }", "LibraryImport")]
    [InlineData("Hardware/Bad.cs", "internal static class Bad { [DllImport(\"libc\")] private static extern int getpid(); }", "DllImport")]
    [InlineData("Model/Bad.cs", "internal sealed class Bad;\ninternal sealed class Worse;", "Worse")]
    [InlineData("Model/Bad.cs", "internal sealed class Other;", "Other")]
    [InlineData("Model/Bad.cs", "internal readonly record struct Other(int X);", "Other")]
    [InlineData("Model/Bad.cs", "public delegate int Other(int x);", "Other")]
    [InlineData("Model/BadHelper.cs", "internal static class BadHelper;", "Helper")]
    public void FindFaults_BrokenRule_IsFound(string path, string text, string fault) =>
        HouseRules.FindFaults(Project.Core, new(path, text)).Should().ContainSingle().Which.Should().Contain(fault).And.StartWith(path);

    [Theory]
    [InlineData("Memory/Good.cs", "internal sealed unsafe class Good<T> { void* p; }")]
    [InlineData("Memory/FreedMemory.cs", "internal static partial class FreedMemory { [LibraryImport(\"libc\")] private static partial int Trim(nuint padding); }")]
    [InlineData("Kernels/GoodTier.cs", "internal struct GoodTier\n{\n    public static unsafe void PrefetchFar(ref readonly byte address) => x;\n}")]
    [InlineData("Model/Good.Part.cs", "internal sealed partial class Good { private struct Inner; }")]
    [InlineData("Model/Good.cs", "// unsafe, Unsafe.Add\nclass Good { string s = \"unsafe\"; char c = '\"'; string t = \"MemoryMarshal\"; }")]
    public void FindFaults_KeptRule_IsNone(string path, string text) => HouseRules.FindFaults(Project.Core, new(path, text)).Should().BeEmpty();

    [Theory]
    [InlineData("Model/Bad.cs", 500)]
    [InlineData("Kernels/Bad.cs", 400)]
    public void FindFaults_FileOverItsLimit_IsFound(string path, int limit)
    {
        HouseRules.FindFaults(Project.Core, new(path, new string('\n', limit))).Should().BeEmpty();
        HouseRules.FindFaults(Project.Core, new(path, new string('\n', limit + 1))).Should().ContainSingle().Which.Should().Contain($"{limit + 1} lines");
    }
}
