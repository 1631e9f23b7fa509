using Llama2.Tests;

namespace Llama2.Server.Tests.Npm;

/// <summary>A test that needs Node.js and the packages of package.json; reported as skipped without them.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        if (NodeScript.Executable is null)
            Skip = "needs Node.js (node), which is not in PATH";
        else if (!File.Exists(Path.Combine(NodeScript.Folder, "node_modules", ".package-lock.json"))) // npm writes it last
            Skip = $"needs the packages of npm: run 'npm ci' in {Path.GetRelativePath(RepositoryFiles.Root, NodeScript.Folder)}";
    }
}
