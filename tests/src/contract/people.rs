//! Users and groups.

use anyhow::{Result, ensure};
use atalaya::domain::{GroupId, UserId};
use atalaya::store::{Group, StoreError, User, UserChange};
use atalaya_api::people::Role;
use serde_json::json;

use super::make::{ana, first, user};
use super::{Open, Stage};

pub fn a_user_name_is_taken_whatever_its_case(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let ana_user = user("Ñuria");
    stage.store.create_user(&ana_user, &ana())?;
    let answer = stage.store.create_user(&user("ñURIA"), &ana());
    ensure!(matches!(answer, Err(StoreError::Taken("the user name"))), "{answer:?}");
    ensure!(stage.store.user_by_name("ñuria")? == Some(ana_user.clone()));
    ensure!(stage.store.user(ana_user.id)? == Some(ana_user.clone()));
    ensure!(stage.store.users()? == [ana_user]);
    ensure!(stage.store.user_by_name("nobody")?.is_none());
    Ok(())
}

pub fn of_many_first_users_one_is_made(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let made = std::thread::scope(|scope| {
        let make = |n: usize| stage.store.create_first_user(&user(&format!("admin{n}")));
        let threads: Vec<_> = (0..8).map(|n| scope.spawn(move || make(n))).collect();
        threads.into_iter().map(|thread| thread.join()).filter(|made| matches!(made, Ok(Ok(true)))).count()
    });
    ensure!(made == 1, "{made} were made");
    ensure!(stage.store.users()?.len() == 1);
    Ok(())
}

pub fn a_password_is_changed_and_the_audit_says_so_without_it(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = user("ana");
    stage.store.create_user(&one, &ana())?;
    stage.store.set_password(one.id, "$argon2id$new", None, &ana())?;
    let changed = User { password_hash: "$argon2id$new".to_owned(), ..one };
    ensure!(stage.store.user(changed.id)? == Some(changed));
    let nobody = stage.store.set_password(UserId::generate(), "x", None, &ana());
    ensure!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
    let audit = format!("{:?}", stage.store.audit(&first(10))?);
    ensure!(audit.contains("password changed") && !audit.contains("argon2id"), "{audit}");
    Ok(())
}

fn group(name: &str, role: Role, members: &[&User]) -> Group {
    let members = members.iter().map(|user| user.id).collect();
    Group { id: GroupId::generate(), name: name.to_owned(), role, members }
}

fn admin(name: &str) -> User {
    User { role: Role::Admin, effective_role: Role::Admin, ..user(name) }
}

pub fn somebody_may_do_what_the_highest_of_its_own_role_and_its_groups_allows(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (ana_user, blas) = (user("ana"), user("blas"));
    for one in [&ana_user, &blas] {
        stage.store.create_user(one, &ana())?;
    }
    let effective = |of: &User| stage.store.user(of.id).map(|user| user.map(|user| user.effective_role));
    let night = group("Night", Role::Admin, &[&blas, &ana_user]);
    stage.store.create_group(&night, &ana())?;
    stage.store.create_group(&group("Watching", Role::Viewer, &[&ana_user]), &ana())?;
    ensure!(effective(&ana_user)? == Some(Role::Admin) && effective(&blas)? == Some(Role::Admin));
    let members: Vec<UserId> = vec![ana_user.id, blas.id];
    ensure!(stage.store.group(night.id)?.map(|group| group.members) == Some(members), "by name");
    stage.store.change_group(&Group { members: vec![blas.id], ..night.clone() }, &ana())?;
    ensure!(effective(&ana_user)? == Some(Role::Operator), "a lower role of a group takes nothing away");
    let both = UserChange { groups: Some(vec![night.id, GroupId::generate()]), ..UserChange::default() };
    let changed = stage.store.change_user(ana_user.id, &both, &ana())?;
    ensure!(changed.groups == [night.id] && changed.effective_role == Role::Admin, "{changed:?}");
    ensure!(stage.store.user_by_name("ANA")? == Some(changed));
    Ok(())
}

pub fn a_groups_name_is_taken_whatever_its_case(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let noc = group("Guardia Ñ", Role::Operator, &[]);
    stage.store.create_group(&noc, &ana())?;
    let answer = stage.store.create_group(&group("guardia ñ", Role::Viewer, &[]), &ana());
    ensure!(matches!(answer, Err(StoreError::Taken("the group's name"))), "{answer:?}");
    stage.store.change_group(&Group { name: "GUARDIA Ñ".to_owned(), ..noc.clone() }, &ana())?;
    ensure!(stage.store.groups()?.len() == 1);
    stage.store.delete_group(noc.id, &ana())?;
    ensure!(stage.store.groups()?.is_empty() && stage.store.group(noc.id)?.is_none());
    for answer in [stage.store.delete_group(noc.id, &ana()), stage.store.change_group(&noc, &ana())] {
        ensure!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
    }
    Ok(())
}

pub fn the_last_admin_stays_one_however_it_is_tried(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (own, other) = (admin("root"), user("blas"));
    for one in [&own, &other] {
        stage.store.create_user(one, &ana())?;
    }
    let demoted = UserChange { role: Some(Role::Operator), ..UserChange::default() };
    let refused = |answer: Result<(), StoreError>| matches!(answer, Err(StoreError::LastAdmin));
    ensure!(refused(stage.store.change_user(own.id, &demoted, &ana()).map(drop)));
    ensure!(refused(stage.store.delete_user(own.id, &ana())));
    // Another one by a group: then that one is the last.
    let admins = group("Admins", Role::Admin, &[&other]);
    stage.store.create_group(&admins, &ana())?;
    stage.store.change_user(own.id, &demoted, &ana())?;
    ensure!(refused(stage.store.delete_group(admins.id, &ana())));
    ensure!(refused(stage.store.change_group(&Group { role: Role::Viewer, ..admins.clone() }, &ana())));
    ensure!(refused(stage.store.change_group(&Group { members: Vec::new(), ..admins.clone() }, &ana())));
    let out = UserChange { groups: Some(Vec::new()), ..UserChange::default() };
    ensure!(refused(stage.store.change_user(other.id, &out, &ana()).map(drop)));
    ensure!(refused(stage.store.delete_user(other.id, &ana())));
    ensure!(stage.store.group(admins.id)? == Some(admins), "what was refused changed nothing");
    stage.store.delete_user(own.id, &ana())?;
    Ok(())
}

pub fn people_and_groups_are_in_the_audit_log_with_before_and_after(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = admin("root");
    stage.store.create_user(&one, &ana())?;
    let other = user("blas");
    stage.store.create_user(&other, &ana())?;
    let noc = group("Guardia", Role::Operator, &[&other]);
    stage.store.create_group(&noc, &ana())?;
    let change = UserChange {
        role: Some(Role::Viewer),
        groups: Some(Vec::new()),
        password_hash: Some("$argon2id$other".to_owned()),
    };
    stage.store.change_user(other.id, &change, &ana())?;
    stage.store.delete_group(noc.id, &ana())?;
    stage.store.delete_user(other.id, &ana())?;
    let rows = stage.store.audit(&first(5))?.items;
    let told: Vec<(&str, &str)> = rows.iter().map(|row| (&*row.what, &*row.subject)).collect();
    let wanted = [
        ("user deleted", "blas"),
        ("group deleted", "Guardia"),
        ("password changed", "blas"),
        ("user changed", "blas"),
        ("group created", "Guardia"),
    ];
    ensure!(told == wanted, "{told:?}");
    let before = rows[3].before.clone().unwrap_or_default();
    ensure!(before["role"] == "operator" && before["groups"] == json!(["Guardia"]), "{before}");
    let after = rows[3].after.clone().unwrap_or_default();
    ensure!(after["effective_role"] == "viewer" && after["groups"] == json!([]), "{after}");
    ensure!(rows[4].after == Some(json!({"name": "Guardia", "role": "operator", "members": ["blas"]})));
    ensure!(!format!("{rows:?}").contains("argon2id"), "{rows:?}");
    Ok(())
}
