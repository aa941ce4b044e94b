using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Countersign.Server.Http;

/// <summary>
/// The program's own files. They change with a new release and not while it runs, so that nothing watches them: a machine has few
/// watchers to give.
/// </summary>
internal sealed class UnwatchedFiles(IFileProvider files) : IFileProvider
{
    public IFileInfo GetFileInfo(string subpath) => files.GetFileInfo(subpath);

    public IDirectoryContents GetDirectoryContents(string subpath) => files.GetDirectoryContents(subpath);

    public IChangeToken Watch(string filter) => NullChangeToken.Singleton;
}
