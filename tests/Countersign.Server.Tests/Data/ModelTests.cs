using System.Text.RegularExpressions;
using Countersign.Server.Data;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Data;

/// <summary>The models that are compiled into the program are those of the mappings: <c>eng/compile-models</c> writes them.</summary>
public sealed partial class ModelTests
{
    [Fact]
    public void On_SQLite_it_is_as_the_mappings_say() => IsAsMapped(
        new SqliteDesignTimeFactory().CreateDbContext([]), "Sqlite",
        "Microsoft.EntityFrameworkCore.Sqlite.Design.Internal.SqliteDesignTimeServices, Microsoft.EntityFrameworkCore.Sqlite");

    [Fact]
    public void On_PostgreSQL_it_is_as_the_mappings_say() => IsAsMapped(
        new PostgresDesignTimeFactory().CreateDbContext([]), "Postgres",
        "Npgsql.EntityFrameworkCore.PostgreSQL.Design.Internal.NpgsqlDesignTimeServices, Npgsql.EntityFrameworkCore.PostgreSQL");

    private static void IsAsMapped(DbContext db, string set, string provider)
    {
        using var context = db;
        using var folder = new TestFolder();
        var services = new ServiceCollection().AddEntityFrameworkDesignTimeServices().AddDbContextDesignTimeServices(db);
        ((IDesignTimeServices)Activator.CreateInstance(Type.GetType(provider, throwOnError: true)!)!).ConfigureDesignTimeServices(services);
        using var built = services.BuildServiceProvider();

        built.GetRequiredService<ICompiledModelScaffolder>().ScaffoldModel(
            db.GetService<IDesignTimeModel>().Model,
            folder.Path,
            new CompiledModelCodeGenerationOptions
            {
                ContextType = db.GetType(),
                ModelNamespace = "Countersign.Server.Data.Models." + set,
                Language = "C#",
                UseNullableReferenceTypes = true,
            });

        var committed = Path.Combine(Repository.Root, "src/Countersign.Server/Data/Models", set);
        Assert.Equal(NamesIn(folder.Path), NamesIn(committed));
        Assert.All(NamesIn(committed), name => Assert.Equal(Read(folder.Path, name), Read(committed, name)));
    }

    private static IEnumerable<string?> NamesIn(string folder) =>
        Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    /// <summary>Each time it is written, the model gets another id.</summary>
    private static string Read(string folder, string? name) =>
        ModelId().Replace(File.ReadAllText(Path.Combine(folder, name!)).ReplaceLineEndings("\n"), "modelId");

    [GeneratedRegex("modelId: new Guid\\(\"[0-9a-f-]+\"\\)")]
    private static partial Regex ModelId();
}
