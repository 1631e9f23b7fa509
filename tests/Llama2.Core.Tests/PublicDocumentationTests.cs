using System.Diagnostics;
using System.Reflection;
using System.Xml.Linq;

namespace Llama2.Tests;

/// <summary>The documentation file of a package, as packing creates it.</summary>
public class PublicDocumentationTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void PackedDocumentation_HasWhatIsPublicAndNothingElse()
    {
        string built = Path.Combine(AppContext.BaseDirectory, "Llama2.Core.xml");
        string path = Path.GetTempFileName();
        try
        {
            Pack(path);

            string[] members = Members(path), all = Members(built);
            members.Should().Contain("M:Llama2.LlamaModel.LoadAsync(System.String,Llama2.LlamaModelOptions,System.IProgress{Llama2.ByteProgress},System.Threading.CancellationToken)")
                .And.Contain("M:Llama2.LlamaAdapterUse.#ctor(Llama2.LlamaAdapter,System.Single)").And.Contain("P:Llama2.GenerationOptions.Temperature");
            HashSet<string> known = [.. typeof(LlamaModel).Assembly.GetExportedTypes().SelectMany(NamesOf)];
            members.Except(known).Should().BeEmpty();
            all.Where(known.Contains).Except(members).Should().BeEmpty();
            members.Length.Should().BeLessThan(all.Length / 2);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string[] Members(string path) => [.. XDocument.Load(path).Descendants("member").Select(member => member.Attribute("name")!.Value)];

    private static void Pack(string path)
    {
        string configuration = typeof(LlamaModel).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        string[] arguments = ["msbuild", RepositoryFiles.Committed("src", "Llama2.Core", "Llama2.Core.csproj"), "-nologo", "-nodeReuse:false", "-target:WritePublicDocumentation", $"-property:Configuration={configuration};TargetFramework=net{Environment.Version.Major}.0;PublicDocumentationFile={path}"];
        using Process process = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, output);
    }

    // The compiler's names of a type and its public members, and of its protected members if the type can have derived types.
    private static IEnumerable<string> NamesOf(Type type) =>
        [$"T:{NameOf(type)}", .. type.GetMembers(All).Where(IsVisible).Select(member => $"{Kind(member)}:{NameOf(type)}.{member.Name.Replace('.', '#')}{Parameters(member)}")];

    private static char Kind(MemberInfo member) => member switch { MethodBase => 'M', FieldInfo => 'F', PropertyInfo => 'P', EventInfo => 'E', _ => 'T' };

    private static string Parameters(MemberInfo member)
    {
        ParameterInfo[] parameters = member is MethodBase method ? method.GetParameters() : member is PropertyInfo property ? property.GetIndexParameters() : [];
        return parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => NameOf(parameter.ParameterType)))})";
    }

    private static string NameOf(Type type) =>
        type.IsByRef ? $"{NameOf(type.GetElementType()!)}@"
        : type.IsArray ? $"{NameOf(type.GetElementType()!)}[]"
        : type.IsGenericType ? $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0]}{{{string.Join(',', type.GetGenericArguments().Select(NameOf))}}}"
        : type.FullName!.Replace('+', '.');

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || (!method.DeclaringType!.IsSealed && (method.IsFamily || method.IsFamilyOrAssembly)),
        FieldInfo field => field.IsPublic || (!field.DeclaringType!.IsSealed && (field.IsFamily || field.IsFamilyOrAssembly)),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        EventInfo added => IsVisible(added.AddMethod!),
        _ => false,
    };
}
